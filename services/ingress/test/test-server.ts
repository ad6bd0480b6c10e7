import { createEventPublisher, createServerCheck, inspectStream, openLink } from "@takings/nats";
import { createAddressList, createLogger, createMetrics, listen } from "@takings/runtime";
import { testSecret } from "@takings/simulator";
import { eventually, type TestNats } from "@takings/testkit";
import { createAdmission } from "../src/admission.ts";
import { type AppDependencies, createApp } from "../src/app.ts";
import { watchDurability } from "../src/watch-durability.ts";
import { createIngressMetrics } from "../src/metrics.ts";
import type { ServedSources } from "../src/served-sources.ts";
import { loadSigningSecrets, type SigningSecrets } from "../src/signing-secrets.ts";
import { type Answer, post, type PostOptions } from "./post-webhook.ts";

/** The HTTP application, listening in this process. */
export type TestServer = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  post(body: string | Buffer, options?: PostOptions): Promise<Answer>;
  /** Why a confirmation would not be durable now. */
  fault(): string | undefined;
  /** The number of requests to a source by outcome, without those that are 0. */
  outcomes(source?: string): Promise<Record<string, number>>;
  /** The value of one series, named as in the text format. */
  metric(series: string): Promise<number | undefined>;
  close(): Promise<void>;
};

export type Overrides = Partial<AppDependencies> & {
  /** Those of the default source, where it is the only one. */
  readonly secrets?: SigningSecrets;
  readonly replicas?: number;
  readonly ackTimeoutMs?: number;
};

const limits = {
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  maxConnections: 1_000,
  drainTimeoutMs: 0,
};
export const maxBodyBytes = 512 * 1_024;

/** Secrets that do not change. */
export function fixedSecrets(...secrets: readonly string[]): SigningSecrets {
  return loadSigningSecrets({ text: secrets.join(",") }, { log: silent(), onLive: () => {} });
}

/** Serves the default source only. */
function onlyDefault(secrets: SigningSecrets): ServedSources {
  return (source) => (source === "default" ? secrets() : undefined);
}

export function silent(): AppDependencies["log"] {
  return createLogger({ service: "test", level: "silent" });
}

/** Serves over a separate link, composed like the service; the stream is checked before it is used. */
export async function startTestServer(
  nats: Pick<TestNats, "urls" | "monitorUrl">,
  different: Overrides = {},
): Promise<TestServer> {
  const link = await openLink({ url: nats.urls.ingress, name: "ingress" });
  const registry = createMetrics();
  const metrics = createIngressMetrics(registry);
  const needs = { monitorUrls: [nats.monitorUrl], replicas: different.replicas ?? 1, messageBytes: 600_000 };
  const ackTimeoutMs = different.ackTimeoutMs ?? 4_000;
  const publisher = createEventPublisher(link, { ackTimeoutMs, onUnverified: metrics.storedAgain });
  const watch = watchDurability({
    checks: { stream: () => inspectStream(link, needs), servers: createServerCheck(link, needs) },
    onStreamChanged: publisher.streamChanged,
    onFirstSequence: publisher.setFirstSequence,
    metrics,
    log: silent(),
  });
  link.watch(({ connected }) => (connected ? watch.connected() : watch.stop()));
  metrics.sourceServed("default");
  const app = createApp({
    publisher,
    admission: createAdmission({ requests: 1_024, bytes: 64_000_000 }),
    proxies: createAddressList(["127.0.0.1"]),
    allowed: undefined,
    maxBodyBytes,
    deadlineMs: 8_000,
    bodyTimeoutMs: 4_000,
    durabilityFault: watch.fault,
    notReadyReason: watch.fault,
    sources: onlyDefault(different.secrets ?? fixedSecrets(testSecret)),
    metrics,
    log: silent(),
    ...different,
  });
  const server = await listen(app, { port: 0, limits });
  const url = `http://127.0.0.1:${server.port}`;
  const text = async (): Promise<string> => (await registry.render("prometheus")).body;
  const close = async (): Promise<void> => {
    await server.close();
    watch.stop();
    await link.close();
  };
  return {
    url,
    port: server.port,
    post: (body, options) => post(url, body, options),
    fault: watch.fault,
    outcomes: async (source = "default") => countsIn(await text(), source),
    async metric(series) {
      const line = (await text()).split("\n").find((candidate) => candidate.startsWith(`${series} `));
      return line === undefined ? undefined : Number(line.slice(series.length));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Serves, and waits until the stream is found to be durable. */
export async function startReadyServer(
  nats: Pick<TestNats, "urls" | "monitorUrl">,
  different: Overrides = {},
): Promise<TestServer> {
  const testServer = await startTestServer(nats, different);
  await eventually("a durable stream", async () => (await testServer.metric("takings_durability_ok")) === 1);
  return testServer;
}

function countsIn(text: string, source: string): Record<string, number> {
  const series = `^takings_webhook_requests_total\\{outcome="(\\w+)",source="${source}"\\} (\\d+)$`;
  const counts = text.matchAll(new RegExp(series, "gm"));
  const entries = [...counts].map(([, outcome = "", count]): [string, number] => [outcome, Number(count)]);
  return Object.fromEntries(entries.filter(([, count]) => count > 0));
}
