import { rmSync } from "node:fs";
import {
  type Env,
  type RunFile,
  type ServiceDefinition,
  services,
  startStack,
  temporaryDirectory,
} from "@takings/local";

/** A stack of one benchmark's own, in a temporary directory; disposal deletes its data. */
export type TemporaryStack = AsyncDisposable & {
  /** For commands beside it, as `TAKINGS_DIR`. */
  readonly dir: string;
  /** A component by its key in run.json: ingress, nats, postgres, … PostgreSQL's URL is the superuser's. */
  component(key: string): RunFile[string];
};

/** Signs the benchmark's events. */
export const benchSecret = "whsec_bench";

/** The service of that key from the local run. */
export function service(key: string): ServiceDefinition {
  const found = services.find((one) => one.key === key);
  if (found === undefined) throw new Error(`there is no service ${key}`);
  return found;
}

/**
 * Starts servers and these services, with tracing at 1 %. @param settings further variables of the services.
 * @throws LocalFailure when one cannot be started.
 */
export async function startTemporaryStack(
  wanted: readonly ServiceDefinition[],
  settings: Env = {},
): Promise<TemporaryStack> {
  const dir = temporaryDirectory("takings-bench-");
  const env: Env = {
    PATH: process.env["PATH"],
    INGRESS_PORT: "0",
    REVENUE_PORT: "0",
    STRIPE_WEBHOOK_SECRETS: benchSecret,
    DEFAULT_LIVEMODE: "true",
    OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
    OTEL_TRACES_SAMPLER_ARG: "0.01",
    ...settings,
  };
  const stack = startStack({ dir, env, services: wanted, say: () => undefined });
  const components = await stack.started;
  return {
    dir,
    component(key) {
      const found = components[key];
      if (found === undefined) throw new Error(`the stack has no component ${key}`);
      return found;
    },
    async [Symbol.asyncDispose]() {
      await stack.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
