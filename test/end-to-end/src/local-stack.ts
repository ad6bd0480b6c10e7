import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Env, freePorts, nodeCommand, startProcess, temporaryDirectory } from "@takings/local";

/** An installation with servers and data of its own, as `pnpm start` makes it. */
export type LocalStack = {
  /** For commands beside it, as `TAKINGS_DIR`. */
  readonly dir: string;
  readonly ingressUrl: string;
  readonly revenueUrl: string;
  readonly secret: string;
  /** The log of a component so far, for example of `ingress`. */
  log(component: string): string;
  /** Ends all components and deletes the data. Rejects when the stack does not exit with 0. */
  stop(): Promise<void>;
};

const secret = "whsec_whole_path";

/** Starts a stack on free ports in a temporary folder. Rejects with the end of its output when it is not ready in time. */
export async function startLocalStack(
  env: Env,
  settings: Readonly<Record<string, string>>,
  withinMs = 150_000,
): Promise<LocalStack> {
  const dir = temporaryDirectory("takings-whole-");
  const data = join(dir, "data");
  const logFile = join(dir, "start.log");
  const [ingressPort = 0, revenuePort = 0] = await freePorts(2);
  const command = nodeCommand(["packages/local/src/start.ts"], {
    ...env,
    TAKINGS_DIR: data,
    INGRESS_PORT: String(ingressPort),
    REVENUE_PORT: String(revenuePort),
    STRIPE_WEBHOOK_SECRETS: secret,
    ...settings,
  });
  const output = (): string => readFileSync(logFile, "utf8");
  const missing = async (): Promise<string | undefined> =>
    /^ready$/m.test(output()) ? undefined : "it has not printed ready yet";
  const definition = { name: "stack", logFile, signal: "SIGTERM", graceMs: 120_000 } as const;
  const stack = await startProcess(
    { ...definition, command: () => command, ready: { withinMs, missing } },
    { sharesGroup: true },
  );
  return {
    dir: data,
    ingressUrl: `http://127.0.0.1:${ingressPort}`,
    revenueUrl: `http://127.0.0.1:${revenuePort}`,
    secret,
    log: (component) => readFileSync(join(data, "logs", `${component}.log`), "utf8"),
    async stop() {
      await stack.end();
      const how = await stack.ended;
      const printed = output();
      rmSync(dir, { recursive: true, force: true });
      if (how !== "exit code 0") throw new Error(`the stack ended with ${how}, having printed:\n${printed}`);
    },
  };
}
