import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Env, isOk, projectRoot, startStack } from "@takings/local";
import { eventually, startService, type TestService } from "@takings/testkit";
import { type Load, startLoad } from "./load.ts";
import { type Measurement, median } from "./statistics.ts";

export type TracingBenchOptions = {
  readonly rounds: number;
  /** Milliseconds for which ingress is loaded, each time. */
  readonly ms: number;
  readonly env: Env;
  readonly say: (line: string) => void;
};

const secret = "whsec_bench";
const connections = 64;
/** More than ingress answers in a second here; what is not sent is signed for nothing. */
const mostPerSecond = 6_000;

const modes = {
  off: { OTEL_SDK_DISABLED: "true" },
  "1%": { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.01" },
  "100%": { OTEL_TRACES_SAMPLER: "parentbased_always_on" },
} as const;
type Mode = keyof typeof modes;
type Rates = { readonly ingest: number; readonly drain: number };

/**
 * What tracing costs: webhooks stored and events committed per second, without it and with it, in turns on the same
 * servers. Spans go to a sink on this machine that only takes them in.
 */
export async function benchTracing({
  rounds,
  ms,
  env,
  say,
}: TracingBenchOptions): Promise<readonly Measurement[]> {
  const dir = mkdtempSync(join(tmpdir(), "takings-bench-"));
  const stack = startStack({ dir, root: projectRoot(), env, services: [], say: () => undefined });
  await using opened = new AsyncDisposableStack();
  opened.defer(() => rmSync(dir, { recursive: true, force: true }));
  opened.defer(() => stack.stop());
  const { nats, postgres } = await stack.started;
  if (nats?.monitor_url === undefined || postgres === undefined) throw new Error("the stack has no servers");
  const sink = await startSink();
  opened.defer(sink.close);
  const load = startLoad({ secret, seed: 1 });
  opened.defer(() => load.end());
  const common = {
    PATH: env["PATH"],
    NATS_URL: nats.url,
    NATS_MONITOR_URL: nats.monitor_url,
    STRIPE_WEBHOOK_SECRETS: secret,
    DATABASE_URL: postgres.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
  };

  const rates: Record<Mode, Rates[]> = { off: [], "1%": [], "100%": [] };
  for (let round = 0; round <= rounds; round += 1) {
    for (const mode of Object.keys(modes) as Mode[]) {
      const ingest = await ingestRate(load, { ...common, ...modes[mode] }, ms);
      const drain = await drainRate({ ...common, ...modes[mode] });
      // The first round only warms the servers up.
      if (round > 0) rates[mode].push({ ingest, drain });
      say(`round ${round}, tracing ${mode}: ${ingest.toFixed(0)} stored/s, ${drain.toFixed(0)} committed/s`);
    }
  }
  return report(rates);
}

async function ingestRate(load: Load, env: Env, ms: number): Promise<number> {
  await using ingress = await startReady("ingress", env);
  const url = ingress.url;
  // Once to let it get warm, and once for the record.
  for (const time of [1_000, ms]) {
    await load.prepare(url, Math.ceil((mostPerSecond * time) / 1_000));
    const { latencies, ms: took } = await load.send({ url, connections, ms: time });
    if (time === ms) return (latencies.length * 1_000) / took;
  }
  throw new Error("nothing was measured");
}

/** Commits what ingress has left, timed between the first batch that is seen committed and the last. */
async function drainRate(env: Env): Promise<number> {
  await using consumer = await startReady("consumer", env);
  const seen: { readonly at: number; readonly committed: number }[] = [];
  await eventually(
    "the backlog to be committed",
    async () => {
      const text = await (await fetch(`${consumer.adminUrl}/metrics`)).text();
      const committed = Number(/^takings_batch_size_sum (\d+)$/m.exec(text)?.[1] ?? 0);
      seen.push({ at: performance.now(), committed });
      await delay(50);
      return committed > 0 && /^takings_consumer_pending 0$/m.test(text);
    },
    120_000,
  );
  const last = seen.find(({ committed }) => committed === seen.at(-1)?.committed);
  const first = seen.find(({ committed }) => committed > 0);
  if (first === undefined || last === undefined || last === first)
    throw new Error("the backlog was too small");
  return ((last.committed - first.committed) * 1_000) / (last.at - first.at);
}

async function startReady(name: string, env: Env): Promise<TestService> {
  const service = await startService(name, env);
  await eventually(`${name} to be ready`, () => isOk(`${service.adminUrl}/readyz`));
  return service;
}

/** Takes in spans and forgets them. */
async function startSink(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    request.resume().once("end", () => response.writeHead(200).end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server must have a port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function report(rates: Readonly<Record<Mode, readonly Rates[]>>): Measurement[] {
  const of = (mode: Mode, what: keyof Rates): number[] => rates[mode].map((one) => one[what]);
  return (["ingest", "drain"] as const).flatMap((what) => [
    ...(Object.keys(modes) as Mode[]).map((mode) => ({
      name: `${what} with tracing ${mode}`,
      value: median(of(mode, what)),
      unit: "events/s",
    })),
    // Of each round by itself, because the machine is another one in the next.
    ...(["1%", "100%"] as const).map((mode) => ({
      name: `${what} with tracing ${mode}, against off`,
      value: median(of(mode, what).map((rate, n) => rate / (of("off", what)[n] ?? Number.NaN))),
      unit: "ratio",
    })),
  ]);
}
