import { rmSync } from "node:fs";
import { createServer } from "node:http";
import { type Env, temporaryDirectory } from "@takings/local";
import { startService } from "@takings/testkit";
import { type Load, startLoad } from "./load.ts";
import { processorSeconds } from "./process-use.ts";
import { type Measurement, median } from "./statistics.ts";
import { benchSecret, startTemporaryStack } from "./temporary-stack.ts";

export type TracingBenchOptions = {
  readonly rounds: number;
  /** Milliseconds of each measurement. */
  readonly ms: number;
  readonly env: Env;
  readonly say: (line: string) => void;
};

const connections = 8;
/** Until everything is compiled: with one traced request in a hundred, the code of tracing is compiled late. */
const warmUpMs = 8_000;
/** More than ingress can respond to; signing more would be wasted. */
const maxPerSecond = 3_000;

const modes = {
  off: { OTEL_SDK_DISABLED: "true" },
  "1%": { OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.01" },
  "100%": { OTEL_TRACES_SAMPLER: "parentbased_always_on" },
} as const;
type Mode = keyof typeof modes;
/** Events per second, and the milliseconds of processor time that each of them took. */
type Cost = { readonly rate: number; readonly cpuMs: number };

/**
 * Measures the cost of tracing in ingress: webhooks stored per second and processor time per webhook, with and without
 * tracing in turns, on the same servers. Spans go to a sink on this machine that discards them.
 */
export async function benchTracing({
  rounds,
  ms,
  env,
  say,
}: TracingBenchOptions): Promise<readonly Measurement[]> {
  await using stack = await startTemporaryStack([]);
  await using opened = new AsyncDisposableStack();
  const dir = temporaryDirectory("takings-bench-tracing-");
  opened.defer(() => rmSync(dir, { recursive: true, force: true }));
  const nats = stack.component("nats");
  const sink = await startSink();
  opened.defer(sink.close);
  const load = startLoad({ secret: benchSecret, seed: 1 });
  opened.defer(() => load.end());
  const common = {
    PATH: env["PATH"],
    NATS_URL: nats.url,
    NATS_MONITOR_URL: nats.monitor_url,
    STRIPE_WEBHOOK_SECRETS: benchSecret,
    OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
  };

  const costs: Record<Mode, Cost[]> = { off: [], "1%": [], "100%": [] };
  for (let round = 0; round <= rounds; round += 1) {
    for (const mode of Object.keys(modes) as Mode[]) {
      const cost = await costOfIngest(load, { env: { ...common, ...modes[mode] }, dir, ms });
      // The first round warms up the servers.
      if (round > 0) costs[mode].push(cost);
      say(
        `round ${round}, tracing ${mode}: ${cost.rate.toFixed(0)}/s, ${cost.cpuMs.toFixed(2)} ms of CPU each`,
      );
    }
  }
  return report(costs);
}

async function costOfIngest(
  load: Load,
  { env, dir, ms }: { readonly env: Env; readonly dir: string; readonly ms: number },
): Promise<Cost> {
  await using ingress = await startService("ingress", env, { dir });
  await ingress.ready();
  const send = async (time: number): Promise<Cost> => {
    await load.prepare(ingress.url, Math.ceil((maxPerSecond * time) / 1_000));
    const before = processorSeconds(ingress.pid);
    const { latencies, ms: took } = await load.send({ url: ingress.url, connections, ms: time });
    const cpuMs = ((processorSeconds(ingress.pid) - before) * 1_000) / latencies.length;
    return { rate: (latencies.length * 1_000) / took, cpuMs };
  };
  // Before its code is compiled, ingress may be overloaded and refuse some requests.
  await send(warmUpMs).catch(() => undefined);
  // On a shared machine ingress may be overloaded and refuse some: then the measurement is repeated. Awaited here, because
  // the process ends when this function returns.
  return await send(ms).catch(() => send(ms));
}

/** Receives spans and discards them. */
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

function report(costs: Readonly<Record<Mode, readonly Cost[]>>): Measurement[] {
  return (["rate", "cpuMs"] as const).flatMap((of) => {
    const all = (mode: Mode): number[] => costs[mode].map((one) => one[of]);
    // Per round, because the load of the machine changes between rounds.
    const against = (mode: Mode): number =>
      median(all(mode).map((value, n) => value / (all("off")[n] ?? Number.NaN)));
    const unit = of === "rate" ? "events/s" : "ms of CPU per event";
    return (Object.keys(modes) as Mode[]).flatMap((mode) => [
      { name: `tracing ${mode}`, value: median(all(mode)), unit },
      ...(mode === "off"
        ? []
        : [{ name: `tracing ${mode}`, value: against(mode), unit: `${unit}, against off` }]),
    ]);
  });
}
