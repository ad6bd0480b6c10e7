import { rmSync } from "node:fs";
import { Agent, get, type IncomingMessage } from "node:http";
import { temporaryDirectory } from "@takings/local";
import { startService } from "@takings/testkit";

/** How long one request took until the last byte of its response, and that response. */
type TimedResponse = {
  readonly ms: number;
  readonly body: string;
  /** What the server says that it waited for the database; only pages say it. */
  readonly databaseMs: number | undefined;
};

/** revenue-query as a process of its own, and a client of it with one persistent connection. */
export type RevenueService = AsyncDisposable & {
  readonly url: string;
  /** @throws Error for any status but 200. */
  request(path: string): Promise<TimedResponse>;
};

/** Starts the service as it runs in production, with tracing preloaded, on the database of this URL. */
export async function startRevenueService(databaseUrl: string): Promise<RevenueService> {
  const dir = temporaryDirectory("takings-bench-service-");
  const env = {
    DATABASE_URL: databaseUrl,
    ALLOW_ANONYMOUS: "true",
    RATE_LIMIT_PER_MINUTE: "0",
    DEFAULT_LIVEMODE: "true",
  };
  const service = await startService("revenue-query", env, { dir });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  await service.ready();
  return {
    url: service.url,
    request: (path) => request(agent, `${service.url}${path}`),
    async [Symbol.asyncDispose]() {
      agent.destroy();
      await service.end("SIGTERM");
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function request(agent: Agent, url: string): Promise<TimedResponse> {
  const begun = performance.now();
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent }, resolve).on("error", reject);
  });
  const chunks = (await response.toArray()) as Buffer[];
  const ms = performance.now() - begun;
  const body = Buffer.concat(chunks).toString();
  const [, db] = /db;dur=([\d.]+)/.exec(String(response.headers["server-timing"])) ?? [];
  if (response.statusCode === 200) return { ms, body, databaseMs: db === undefined ? undefined : Number(db) };
  throw new Error(`GET ${url} was answered with ${response.statusCode}, so nothing was measured: ${body}`);
}
