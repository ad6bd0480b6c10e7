import { setTimeout as delay } from "node:timers/promises";
import { services } from "@takings/local";
import { openLink, readBacklog } from "@takings/nats";
import { type Load, startLoad } from "./load.ts";
import { residentMegabytes } from "./process-use.ts";
import { openRawPublisher } from "./raw-publisher.ts";
import { realisticEvents } from "./realistic-events.ts";
import { type Measurement, median } from "./statistics.ts";
import { benchSecret, startThrowAwayStack, type ThrowAwayStack } from "./throw-away-stack.ts";

export type SoakOptions = {
  readonly minutes: number;
  /** Webhooks per second, all the time. */
  readonly rate: number;
  /** Events that lie on the stream in the beginning. */
  readonly backlog: number;
  readonly say: (line: string) => void;
};

/** Memory of the services at one moment, in megabytes, and what was still to be committed then. */
type Sample = { readonly megabytes: readonly number[]; readonly pending: number };

const connections = 64;
/** Signatures grow old, so the load is made in portions. */
const portionMs = 20_000;
const sampleEveryMs = 2_000;
/** Fewer than this are no backlog but what is under way. */
const calm = 2_000;

/** Keeps the whole product at work, first with a backlog before it, and measures what memory its services take. */
export async function benchSoak({
  minutes,
  rate,
  backlog,
  say,
}: SoakOptions): Promise<readonly Measurement[]> {
  await using stack = await startThrowAwayStack(services);
  await using started = new AsyncDisposableStack();
  const load = startLoad({ secret: benchSecret, seed: 1 });
  started.defer(() => load.end());
  say(`storing a backlog of ${backlog} events`);
  await store(stack, backlog);
  const over = new AbortController();
  const sampling = sample(stack, over.signal);
  const end = performance.now() + minutes * 60_000;
  let accepted = 0;
  while (performance.now() < end) {
    accepted += await sendPortion(load, stack, rate);
    say(`${Math.max(0, Math.round((end - performance.now()) / 1_000))} s to go, ${accepted} accepted`);
  }
  over.abort();
  const samples = await sampling;
  const backlogged = samples.findLastIndex(({ pending }) => pending > calm) + 1;
  const calmly = samples.slice(backlogged);
  if (calmly.length < 10) throw new Error(`the backlog of ${backlog} was not drained: give more --minutes`);
  const third = Math.ceil(calmly.length / 3);
  return [
    { name: "soak_rate", value: accepted / (minutes * 60), unit: "events/s" },
    ...services.flatMap(({ key }, index) => {
      const of = (some: readonly Sample[]): number[] => some.map(({ megabytes }) => megabytes[index] ?? 0);
      const [first, last] = [median(of(calmly.slice(0, third))), median(of(calmly.slice(-third)))];
      return [
        {
          name: `soak_${key}_backlog_mb`,
          value: Math.max(0, ...of(samples.slice(0, backlogged))),
          unit: "MB",
        },
        { name: `soak_${key}_calm_mb`, value: Math.max(...of(calmly)), unit: "MB" },
        { name: `soak_${key}_growth`, value: last / first, unit: "ratio" },
      ];
    }),
  ];
}

async function store(stack: ThrowAwayStack, count: number): Promise<void> {
  const raw = await openRawPublisher(stack.part("nats").url);
  await raw.store(realisticEvents(1).take(count));
  raw.end();
}

async function sendPortion(load: Load, stack: ThrowAwayStack, rate: number): Promise<number> {
  const { url } = stack.part("ingress");
  await load.prepare(url, Math.ceil((rate * portionMs) / 1_000));
  const { latencies } = await load.send({ url, connections, ms: portionMs, rate });
  // Somebody looks at the revenue meanwhile.
  await fetch(`${stack.part("revenue_query").url}/v1/revenue/series?interval=hour&timezone=Europe/Berlin`);
  return latencies.length;
}

async function sample(stack: ThrowAwayStack, over: AbortSignal): Promise<readonly Sample[]> {
  const link = await openLink({ url: stack.part("nats").url, name: "bench" });
  await link.connected(10_000);
  const samples: Sample[] = [];
  while (!over.aborted) {
    const { pending } = await readBacklog(link);
    samples.push({ megabytes: services.map(({ key }) => residentMegabytes(stack.part(key).pid)), pending });
    await delay(sampleEveryMs);
  }
  await link.close();
  return samples;
}
