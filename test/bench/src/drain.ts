import { withClient } from "@takings/local";
import { applyTopology, type NatsLink, openLink, readBacklog } from "@takings/nats";
import { eventually } from "@takings/testkit";
import { startConsumers } from "./consumers.ts";
import { type CopyBaseline, prepareCopy } from "./copy-rates.ts";
import { processorSeconds, residentMegabytes } from "./process-use.ts";
import { openRawPublisher } from "./raw-publisher.ts";
import { shopEvents } from "@takings/simulator";
import { type Measurement, median } from "./statistics.ts";
import { startTemporaryStack, type TemporaryStack } from "./temporary-stack.ts";

export type DrainBenchOptions = {
  readonly rounds: number;
  /** Size of the backlog. */
  readonly events: number;
  readonly say: (line: string) => void;
};

const consumerCounts = [1, 2, 4] as const;
const timeoutMs = 1_800_000;

type Drained = { readonly rate: number; readonly cpuUs: number; readonly megabytes: number };

/** What is drained before measuring: V8 optimises what runs often, which takes some 20,000 events. */
const warmUpShare = 0.3;

/** Measures how fast a backlog is committed, alternating with COPY of the same rows. */
export async function benchDrain({
  rounds,
  events,
  say,
}: DrainBenchOptions): Promise<readonly Measurement[]> {
  await using stack = await startTemporaryStack([]);
  const raw = await openRawPublisher(stack.component("nats").url);
  say(`storing a backlog of ${events} events`);
  await raw.store(shopEvents(1).take(events));
  raw.end();
  const drained = new Map<number, Drained[]>(consumerCounts.map((count) => [count, []]));
  const copied: number[] = [];
  let copy: CopyBaseline | undefined;
  for (let round = 1; round <= rounds; round += 1) {
    for (const [count, list] of drained) {
      list.push(await drain(stack, count, events));
      if (count > 1) continue;
      copy ??= await prepareCopy(stack.component("postgres").url);
      copied.push(await copy.measure());
    }
    say(`round ${round} of ${rounds}`);
  }
  const all = (count: number, of: keyof Drained): number[] =>
    (drained.get(count) ?? []).map((one) => one[of]);
  const ratio = (over: readonly number[], under: readonly number[]): number =>
    median(over.map((value, n) => value / (under[n] ?? Number.NaN)));
  return [
    ...consumerCounts.flatMap((count) => [
      { name: `drain_${count}_rate`, value: median(all(count, "rate")), unit: "events/s" },
      { name: `drain_${count}_cpu`, value: median(all(count, "cpuUs")) / 1_000, unit: "s per 1000" },
    ]),
    { name: "copy_rate", value: median(copied), unit: "events/s" },
    { name: "drain_vs_copy", value: ratio(all(1, "rate"), copied), unit: "ratio" },
    { name: "drain_cpu_two_vs_one", value: ratio(all(2, "cpuUs"), all(1, "cpuUs")), unit: "ratio" },
    { name: "rss_consumer_mb", value: Math.max(...all(1, "megabytes")), unit: "MB" },
  ];
}

async function drain(stack: TemporaryStack, count: number, events: number): Promise<Drained> {
  await resetBacklog(stack);
  await using consumers = await startConsumers(count, stack);
  const used = (): number => consumers.pids.reduce((sum, pid) => sum + processorSeconds(pid), 0);
  await recreateDurable(stack);
  // Awaited here: the consumers end with this function.
  return await asAdmin(stack, async (link) => {
    const untilLeft = (left: number): Promise<number> =>
      eventually(
        `at most ${left} events to be left`,
        async () => {
          const { pending } = await readBacklog(link);
          return pending <= left && pending;
        },
        timeoutMs,
      );
    const measured = await untilLeft((1 - warmUpShare) * events);
    const before = used();
    const began = performance.now();
    await untilLeft(0);
    const ms = performance.now() - began;
    return {
      rate: (measured * 1_000) / ms,
      cpuUs: ((used() - before) * 1_000_000) / measured,
      megabytes: Math.max(...consumers.pids.map(residentMegabytes)),
    };
  });
}

/** Deletes the durable, so that nothing is delivered, and empties the tables. */
async function resetBacklog(stack: TemporaryStack): Promise<void> {
  await asAdmin(stack, async (link) => {
    const manager = await (await link.connected(timeoutMs)).nats.jetstreamManager();
    await manager.consumers.delete("STRIPE_EVENTS", "revenue").catch(() => undefined);
  });
  await withClient(stack.component("postgres").url, async (client) => {
    await client.query(
      `truncate takings.events, takings.ledger, takings.ledger_superseded, takings.rollup_deltas, takings.rollup,
        takings.committed_sequences, takings.payment_objects, takings.gaps cascade`,
    );
    await client.query("checkpoint");
  });
}

/** Creates the durable again: it starts with the oldest event. */
function recreateDurable(stack: TemporaryStack): Promise<void> {
  return asAdmin(stack, async (link) => {
    const { nats } = await link.connected(timeoutMs);
    const { config } = await (await nats.jetstreamManager()).streams.info("STRIPE_EVENTS");
    await applyTopology(nats, { replicas: config.num_replicas, maxBytes: config.max_bytes });
  });
}

async function asAdmin<T>(stack: TemporaryStack, act: (link: NatsLink) => Promise<T>): Promise<T> {
  const link = await openLink({ url: stack.component("nats").url, name: "bench" });
  try {
    await link.connected(10_000);
    return await act(link);
  } finally {
    await link.close();
  }
}
