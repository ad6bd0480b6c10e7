import { mkdtempSync, rmSync } from "node:fs";
import { Agent, get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import {
  endProcess,
  eventually,
  freePorts,
  isOk,
  nodeCommand,
  serviceArguments,
  startChild,
  startReaper,
} from "@takings/local";

/** How long one question took until the last byte of its answer was there, and that answer. */
type TimedResponse = { readonly ms: number; readonly body: string };

/** revenue-query as a process of its own, and a client of it that keeps its one connection. */
export type RevenueService = {
  /** @throws Error for any status but 200. */
  request(path: string): Promise<TimedResponse>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Starts the service as it runs in production, with tracing preloaded, on the database of this URL. */
export async function startRevenueService(databaseUrl: string): Promise<RevenueService> {
  const dir = mkdtempSync(join(tmpdir(), "takings-bench-service-"));
  const reaper = startReaper();
  const [port = 0, adminPort = 0] = await freePorts(2);
  const env = {
    DATABASE_URL: databaseUrl,
    PORT: String(port),
    ADMIN_PORT: String(adminPort),
    ALLOW_ANONYMOUS: "true",
    RATE_LIMIT_PER_MINUTE: "0",
    DEFAULT_LIVEMODE: "true",
  };
  const args = [...serviceArguments, "services/revenue-query/src/main.ts"];
  const child = await startChild(nodeCommand(args, env), { logFile: join(dir, "revenue-query.log") });
  const service = { ...child, name: "revenue-query", signal: "SIGTERM" } as const;
  reaper.watch(service);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const stop = async (): Promise<void> => {
    agent.destroy();
    await endProcess(service, 25_000);
    reaper.dismiss();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    await eventually("revenue-query", () => isOk(`http://127.0.0.1:${adminPort}/readyz`), 30_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    request: (path) => request(agent, `http://127.0.0.1:${port}${path}`),
    [Symbol.asyncDispose]: stop,
  };
}

async function request(agent: Agent, url: string): Promise<TimedResponse> {
  const begun = performance.now();
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent }, resolve).on("error", reject);
  });
  const body = await text(response);
  const ms = performance.now() - begun;
  if (response.statusCode === 200) return { ms, body };
  throw new Error(`GET ${url} was answered with ${response.statusCode}, so nothing was measured: ${body}`);
}
