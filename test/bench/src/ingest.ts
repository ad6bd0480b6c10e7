import { type Load, startLoad } from "./load.ts";
import { processorSeconds, residentMegabytes } from "./process-use.ts";
import { openRawPublisher } from "./raw-publisher.ts";
import { baselineNames, startBaseline } from "./baselines.ts";
import { type Measurement, median, quantile } from "./statistics.ts";
import { benchSecret, service, startTemporaryStack } from "./temporary-stack.ts";

export type IngestBenchOptions = {
  readonly rounds: number;
  /** Milliseconds of each measurement. */
  readonly ms: number;
  readonly say: (line: string) => void;
};

const connectionCounts = [1, 16, 64, 256] as const;
/** Events signed per second; a measurement ends when they are used up. */
const signedPerSecond = 5_000;

/** The result of one measurement. */
type Sample = { readonly rate: number; readonly p50: number; readonly p99: number; readonly cpuMs: number };
type Target = { readonly name: string; readonly url: string; readonly pid: number };

/** Measures ingress and its baselines in turns, on one stack without a consumer. */
export async function benchIngest({ rounds, ms, say }: IngestBenchOptions): Promise<readonly Measurement[]> {
  await using stack = await startTemporaryStack([service("ingress")]);
  await using started = new AsyncDisposableStack();
  const targets: Target[] = [{ name: "takings", ...stack.component("ingress") }];
  for (const name of baselineNames) {
    const baseline = started.use(await startBaseline(name, stack.component("postgres").url));
    targets.push({ name, url: baseline.url, pid: baseline.pid });
  }
  const raw = await openRawPublisher(stack.component("nats").url);
  started.defer(() => raw.end());
  const load = startLoad({ secret: benchSecret, seed: 1 });
  started.defer(() => load.end());

  const samples = new Map<string, Sample[]>();
  const note = (name: string, sample: Sample): void => {
    samples.set(name, [...(samples.get(name) ?? []), sample]);
  };
  say("warming up");
  for (const target of targets) await measure(load, target, 64, 2_000);
  for (let round = 1; round <= rounds; round += 1) {
    for (const connections of connectionCounts) {
      for (const target of targets) {
        note(`${target.name}_${connections}`, await measure(load, target, connections, ms));
      }
      const alone = { p50: 0, p99: 0, cpuMs: 0 };
      note(`singles_${connections}`, { ...alone, rate: await raw.singles(connections, ms) });
      note(`batches_${connections}`, { ...alone, rate: await raw.batches(connections, ms) });
    }
    say(`round ${round} of ${rounds}`);
  }
  return [
    ...report(samples),
    { name: "rss_ingress_mb", value: residentMegabytes(stack.component("ingress").pid), unit: "MB" },
  ];
}

async function measure(load: Load, target: Target, connections: number, ms: number): Promise<Sample> {
  await load.prepare(target.url, Math.ceil((signedPerSecond * ms) / 1_000));
  const before = processorSeconds(target.pid);
  const { latencies, ms: took } = await load.send({ url: target.url, connections, ms });
  const cpuMs = ((processorSeconds(target.pid) - before) * 1_000) / latencies.length;
  return {
    rate: (latencies.length * 1_000) / took,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    cpuMs,
  };
}

function report(samples: ReadonlyMap<string, readonly Sample[]>): Measurement[] {
  const all = (name: string, of: keyof Sample): number[] => (samples.get(name) ?? []).map((one) => one[of]);
  /** Per round, because the load of the machine changes between rounds. */
  const ratio = (one: string, other: string, of: keyof Sample = "rate"): number =>
    median(all(one, of).map((value, n) => value / (all(other, of)[n] ?? Number.NaN)));
  const figures = [...samples.keys()].flatMap((name): Measurement[] => {
    const rate = { name: `${name}_rate`, value: median(all(name, "rate")), unit: "events/s" };
    if (median(all(name, "p99")) === 0) return [rate];
    return [
      rate,
      { name: `${name}_p50_ms`, value: median(all(name, "p50")), unit: "ms" },
      { name: `${name}_p99_ms`, value: median(all(name, "p99")), unit: "ms" },
      { name: `${name}_cpu`, value: median(all(name, "cpuMs")), unit: "s per 1000" },
    ];
  });
  return [
    ...figures,
    { name: "ingest_vs_floor", value: ratio("takings_256", "floor_256"), unit: "ratio" },
    { name: "ingest_vs_naive", value: ratio("takings_256", "naive_256"), unit: "ratio" },
    { name: "ingest_vs_engine", value: ratio("takings_256", "engine_256"), unit: "ratio" },
    { name: "ingest_vs_raw", value: ratio("takings_64", "singles_64"), unit: "ratio" },
    { name: "ingest_cpu_vs_floor", value: ratio("takings_64", "floor_64", "cpuMs"), unit: "ratio" },
    { name: "batches_vs_singles", value: ratio("batches_64", "singles_64"), unit: "ratio" },
    { name: "ingest_p99_ms", value: median(all("takings_64", "p99")), unit: "ms" },
  ];
}
