import { randomUUID } from "node:crypto";
import { services } from "@takings/local";
import { openLink, readBacklog } from "@takings/nats";
import { createRevenueClient, paymentEvent, postWebhook } from "@takings/simulator";
import { eventually } from "@takings/testkit";
import { type Load, startLoad } from "./load.ts";
import { type PathUse, readPathUse, usePerEvent } from "./path-use.ts";
import { residentMegabytes } from "./process-use.ts";
import { startBaseline } from "./baselines.ts";
import { type Measurement, median, quantile } from "./statistics.ts";
import { benchSecret, startTemporaryStack, type TemporaryStack } from "./temporary-stack.ts";

export type PathBenchOptions = {
  readonly rounds: number;
  /** Milliseconds of each measurement. */
  readonly ms: number;
  readonly say: (line: string) => void;
};

const connections = 64;
const maxPerSecond = 6_000;
const probePauseMs = 100;

/** Measures the whole path on this machine, alternating with one insert per request. */
export async function benchPath({ rounds, ms, say }: PathBenchOptions): Promise<readonly Measurement[]> {
  await using stack = await startTemporaryStack(services);
  await using naive = await startBaseline("naive", stack.component("postgres").url);
  await using started = new AsyncDisposableStack();
  const load = startLoad({ secret: benchSecret, seed: 1 });
  started.defer(() => load.end());
  const [sustained, inserted, visible]: [number[], number[], number[]] = [[], [], []];
  const spans: (readonly [PathUse, PathUse])[] = [];
  let events = 0;
  // V8 optimises what runs often: the first 20,000 events cost a third more than the next ones.
  say("warming up");
  await sustain(load, stack, 2 * ms);
  await send(load, naive.url, ms);
  for (let round = 1; round <= rounds; round += 1) {
    const before = await readPathUse(stack);
    const { rate, accepted } = await sustain(load, stack, ms);
    spans.push([before, await readPathUse(stack)]);
    events += accepted;
    sustained.push(rate);
    inserted.push(await send(load, naive.url, ms));
    visible.push(...(await probe(load, stack, { ms, rate: rate / 2 })));
    say(`round ${round} of ${rounds}`);
  }
  return [
    { name: "path_rate", value: median(sustained), unit: "events/s" },
    { name: "path_naive_rate", value: median(inserted), unit: "events/s" },
    {
      name: "path_vs_naive",
      value: median(sustained.map((rate, n) => rate / (inserted[n] ?? Number.NaN))),
      unit: "ratio",
    },
    ...usePerEvent(spans, events),
    { name: "visible_p50_ms", value: quantile(visible, 0.5), unit: "ms" },
    { name: "visible_p99_ms", value: quantile(visible, 0.99), unit: "ms" },
    ...["ingress", "consumer", "revenue_query"].map((name) => ({
      name: `rss_${name}_mb`,
      value: residentMegabytes(stack.component(name).pid),
      unit: "MB",
    })),
  ];
}

async function send(load: Load, url: string, ms: number): Promise<number> {
  await load.prepare(url, Math.ceil((maxPerSecond * ms) / 1_000));
  const { latencies, ms: took } = await load.send({ url, connections, ms });
  return (latencies.length * 1_000) / took;
}

/** Events per second from the first request until the last of them is committed, and how many they were. */
async function sustain(
  load: Load,
  stack: TemporaryStack,
  ms: number,
): Promise<{ readonly rate: number; readonly accepted: number }> {
  const { url } = stack.component("ingress");
  await load.prepare(url, Math.ceil((maxPerSecond * ms) / 1_000));
  const began = performance.now();
  const { latencies } = await load.send({ url, connections, ms });
  const link = await openLink({ url: stack.component("nats").url, name: "bench" });
  await link.connected(10_000);
  await eventually(
    "everything to be committed",
    async () => (await readBacklog(link)).pending === 0,
    600_000,
  );
  const took = performance.now() - began;
  await link.close();
  return { rate: (latencies.length * 1_000) / took, accepted: latencies.length };
}

/** Milliseconds from sending a payment until it is in the revenue, measured repeatedly under load. */
async function probe(
  load: Load,
  stack: TemporaryStack,
  { ms, rate }: { readonly ms: number; readonly rate: number },
): Promise<number[]> {
  const { url } = stack.component("ingress");
  await load.prepare(url, Math.ceil((rate * ms) / 1_000));
  const sending = load.send({ url, connections, ms, rate });
  const over = performance.now() + ms;
  const times: number[] = [];
  while (performance.now() < over) {
    times.push(await untilVisible(url, stack.component("revenue_query").url));
    await new Promise((resolve) => setTimeout(resolve, probePauseMs));
  }
  await sending;
  return times;
}

async function untilVisible(ingressUrl: string, revenueUrl: string): Promise<number> {
  const id = randomUUID().replaceAll("-", "");
  const account = `acct_${id}`;
  const { body } = paymentEvent({ id: `evt_${id}`, account, livemode: true });
  const client = createRevenueClient(revenueUrl);
  const began = performance.now();
  const { status, error } = await postWebhook({ url: ingressUrl, body, secret: benchSecret });
  if (status !== 200) throw new Error(`ingress responded ${error ?? status} to a probe`);
  for (;;) {
    const { totals } = await client.revenue({ account });
    if (totals[0]?.counts.payments === 1) return performance.now() - began;
    if (performance.now() - began > 60_000) throw new Error("a payment is not in the revenue after a minute");
  }
}
