import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually } from "@takings/testkit";

/** A whole Takings with servers and data of its own, as a person gets it from `pnpm start`. */
export type LocalStack = {
  readonly ingressUrl: string;
  readonly revenueUrl: string;
  readonly secret: string;
  /** Everything that a part, for example `ingress`, has written so far. */
  log(part: string): string;
  /** Ends every part and removes the data. Rejects when it did not end cleanly. */
  stop(): Promise<void>;
};

const projectRoot = fileURLToPath(new URL("../../..", import.meta.url));
const secret = "whsec_whole_path";

/** Starts a stack on free ports in a temporary folder. Rejects with what it said when it is not up in time. */
export async function startLocalStack(
  env: NodeJS.ProcessEnv,
  settings: { readonly [name: string]: string },
  withinMs = 150_000,
): Promise<LocalStack> {
  const dir = mkdtempSync(join(tmpdir(), "takings-whole-"));
  const [ingressPort, revenuePort] = [await freePort(), await freePort()];
  const child = spawn(process.execPath, ["packages/local/src/start.ts"], {
    cwd: projectRoot,
    env: {
      ...env,
      TAKINGS_DIR: dir,
      INGRESS_PORT: String(ingressPort),
      REVENUE_PORT: String(revenuePort),
      STRIPE_WEBHOOK_SECRETS: secret,
      ...settings,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = await untilReady(child, withinMs).catch((error: unknown) => {
    child.kill("SIGTERM");
    throw error;
  });
  return {
    ingressUrl: `http://127.0.0.1:${ingressPort}`,
    revenueUrl: `http://127.0.0.1:${revenuePort}`,
    secret,
    log: (part) => readFileSync(join(dir, "logs", `${part}.log`), "utf8"),
    async stop() {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      const [code] = await ended;
      rmSync(dir, { recursive: true, force: true });
      if (code !== 0) throw new Error(`the stack ended with ${code}, having said:\n${said()}`);
    },
  };
}

/** Resolves, once the line `ready` was said, with a function that gives all that was said. */
async function untilReady(child: ChildProcess, withinMs: number): Promise<() => string> {
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  const isUp = (): boolean => {
    if (child.exitCode !== null) return true;
    if (/^ready$/m.test(said)) return true;
    throw new Error(`it has said so far:\n${said}`);
  };
  await eventually("the stack to say that it is ready", isUp, withinMs);
  if (child.exitCode !== null)
    throw new Error(`the stack ended with ${child.exitCode} at its start:\n${said}`);
  return () => said;
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("a TCP server must have a port");
  return address.port;
}
