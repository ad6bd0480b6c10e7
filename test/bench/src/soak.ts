import { services } from "@takings/local";
import { type NatsLink, openLink, readBacklog } from "@takings/nats";
import { type Load, startLoad } from "./load.ts";
import { residentMegabytes } from "./process-use.ts";
import { openRawPublisher } from "./raw-publisher.ts";
import { createRevenueClient, shopEvents } from "@takings/simulator";
import { type Measurement, median } from "./statistics.ts";
import { benchSecret, startTemporaryStack, type TemporaryStack } from "./temporary-stack.ts";

export type SoakOptions = {
  readonly minutes: number;
  /** Webhooks per second. */
  readonly rate: number;
  /** Events that are stored on the stream first, much faster than they are committed. */
  readonly backlog: number;
  readonly say: (line: string) => void;
};

/** Memory of the services in megabytes, and the number of pending events, at one moment. */
type Sample = { readonly megabytes: readonly number[]; readonly pending: number };

const connections = 64;
/** Signatures expire, so events are signed in portions; a sample is taken after each. */
const portionMs = 10_000;
/** Fewer pending events are in flight and not a backlog. */
const calm = 2_000;
const fewestCalm = 6;

/** Runs the product under constant load, first with a backlog, and measures the memory of its services. */
export async function benchSoak({
  minutes,
  rate,
  backlog,
  say,
}: SoakOptions): Promise<readonly Measurement[]> {
  await using stack = await startTemporaryStack(services);
  await using started = new AsyncDisposableStack();
  const load = startLoad({ secret: benchSecret, seed: 1 });
  started.defer(() => load.end());
  const link = await openLink({ url: stack.component("nats").url, name: "bench" });
  started.defer(() => link.close());
  await link.connected(10_000);
  say(`storing a backlog of ${backlog} events`);
  await store(stack, backlog);
  const samples: Sample[] = [];
  const began = performance.now();
  let accepted = 0;
  while (performance.now() - began < minutes * 60_000) {
    accepted += await sendPortion(load, stack, rate);
    const latest = await sample(link, stack);
    samples.push(latest);
    say(
      `${accepted} accepted, ${latest.pending} to be committed, ${latest.megabytes.map(Math.round).join("/")} MB`,
    );
  }
  const acceptedRate = (accepted * 1_000) / (performance.now() - began);
  return [{ name: "soak_rate", value: acceptedRate, unit: "events/s" }, ...measured(samples)];
}

function measured(samples: readonly Sample[]): Measurement[] {
  const backlogged = samples.filter(({ pending }) => pending > calm);
  const calmly = samples.slice(samples.findLastIndex(({ pending }) => pending > calm) + 1);
  if (calmly.length < fewestCalm)
    throw new Error("the backlog was drained too late to measure: give more --minutes");
  const third = Math.floor(calmly.length / 3);
  return services.flatMap(({ key }, index) => {
    const of = (some: readonly Sample[]): number[] => some.map(({ megabytes }) => megabytes[index] ?? 0);
    // Memory of the backlog is released in the first third.
    const [earlier, last] = [median(of(calmly.slice(third, -third))), median(of(calmly.slice(-third)))];
    return [
      ...(backlogged.length === 0
        ? []
        : [{ name: `soak_${key}_backlog_mb`, value: Math.max(...of(backlogged)), unit: "MB" }]),
      { name: `soak_${key}_calm_mb`, value: last, unit: "MB" },
      { name: `soak_${key}_growth`, value: last / earlier, unit: "ratio" },
    ];
  });
}

async function store(stack: TemporaryStack, count: number): Promise<void> {
  const raw = await openRawPublisher(stack.component("nats").url);
  await raw.store(shopEvents(1).take(count));
  raw.end();
}

async function sendPortion(load: Load, stack: TemporaryStack, rate: number): Promise<number> {
  const { url } = stack.component("ingress");
  await load.prepare(url, Math.ceil((rate * portionMs) / 1_000));
  const { latencies } = await load.send({ url, connections, ms: portionMs, rate });
  // Revenue is read in between.
  const client = createRevenueClient(stack.component("revenue_query").url);
  await client.series({ interval: "hour", timezone: "Europe/Berlin" });
  return latencies.length;
}

async function sample(link: NatsLink, stack: TemporaryStack): Promise<Sample> {
  const { pending } = await readBacklog(link);
  return { megabytes: services.map(({ key }) => residentMegabytes(stack.component(key).pid)), pending };
}
