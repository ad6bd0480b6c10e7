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
  /** Webhooks per second, all the time. */
  readonly rate: number;
  /** Events that are put on the stream first, many times faster than they are committed. */
  readonly backlog: number;
  readonly say: (line: string) => void;
};

/** Memory of the services at one moment, in megabytes, and what was still to be committed then. */
type Sample = { readonly megabytes: readonly number[]; readonly pending: number };

const connections = 64;
/** Signatures grow old, so the load is made in portions; a sample follows each. */
const portionMs = 10_000;
/** Fewer than this are no backlog but what is under way. */
const calm = 2_000;
const fewestCalm = 6;

/** Keeps the whole product at work, first with a backlog before it, and measures what memory its services take. */
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
  const link = await openLink({ url: stack.part("nats").url, name: "bench" });
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
  if (calmly.length < fewestCalm) throw new Error("the backlog was hardly drained: give more --minutes");
  const third = Math.floor(calmly.length / 3);
  return services.flatMap(({ key }, index) => {
    const of = (some: readonly Sample[]): number[] => some.map(({ megabytes }) => megabytes[index] ?? 0);
    // What the backlog left behind is returned in the first third.
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
  const raw = await openRawPublisher(stack.part("nats").url);
  await raw.store(shopEvents(1).take(count));
  raw.end();
}

async function sendPortion(load: Load, stack: TemporaryStack, rate: number): Promise<number> {
  const { url } = stack.part("ingress");
  await load.prepare(url, Math.ceil((rate * portionMs) / 1_000));
  const { latencies } = await load.send({ url, connections, ms: portionMs, rate });
  // Revenue is read in between.
  const client = createRevenueClient(stack.part("revenue_query").url);
  await client.series({ interval: "hour", timezone: "Europe/Berlin" });
  return latencies.length;
}

async function sample(link: NatsLink, stack: TemporaryStack): Promise<Sample> {
  const { pending } = await readBacklog(link);
  return { megabytes: services.map(({ key }) => residentMegabytes(stack.part(key).pid)), pending };
}
