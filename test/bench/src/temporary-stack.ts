import { rmSync } from "node:fs";
import {
  projectRoot,
  type ServiceDefinition,
  services,
  startStack,
  temporaryDirectory,
} from "@takings/local";

/** A whole stack of one benchmark's own: servers of its own in a directory of its own, gone afterwards. */
export type TemporaryStack = AsyncDisposable & {
  /** Address and process of each part: ingress, nats, postgres, … PostgreSQL's address is the superuser's. */
  part(name: string): { readonly url: string; readonly pid: number };
};

/** What signs the benchmark's events. */
export const benchSecret = "whsec_bench";

/** The service of that key from the local run. */
export function service(key: string): ServiceDefinition {
  const found = services.find((one) => one.key === key);
  if (found === undefined) throw new Error(`there is no service ${key}`);
  return found;
}

/** Starts servers and these services, with tracing at 1 %. @throws LocalFailure when a part cannot be started. */
export async function startTemporaryStack(wanted: readonly ServiceDefinition[]): Promise<TemporaryStack> {
  const dir = temporaryDirectory("takings-bench-");
  const env = {
    PATH: process.env["PATH"],
    INGRESS_PORT: "0",
    REVENUE_PORT: "0",
    STRIPE_WEBHOOK_SECRETS: benchSecret,
    DEFAULT_LIVEMODE: "true",
    OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
    OTEL_TRACES_SAMPLER_ARG: "0.01",
  };
  const stack = startStack({ dir, root: projectRoot(), env, services: wanted, say: () => undefined });
  const parts = await stack.started;
  return {
    part(name) {
      const found = parts[name];
      if (found === undefined) throw new Error(`the stack has no ${name}`);
      return found;
    },
    async [Symbol.asyncDispose]() {
      await stack.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
