import type { FaultCase, CaseContext } from "../fault-case.ts";
import { isWithinLimits } from "../resource-peaks.ts";
import { syntheticEvent } from "./bodies.ts";
import { inParallel, sleep } from "./steps.ts";

const requests = 1_600;
const bodyBytes = 400 * 1024;
const longestBurstMs = 90_000;

/** Sends far more large bodies at once than fit into memory, while none can be stored. */
export async function burstWhileNatsHangs(context: CaseContext): Promise<void> {
  const { harness, sender } = context;
  const { nats } = harness.servers;
  const large = syntheticEvent(context, { padding: "x".repeat(bodyBytes) });
  nats.signal("SIGSTOP");
  const burst = Promise.all(Array.from({ length: requests }, () => sender.attempt(large)));
  // Until the limits have refused the rest. Without limits the burst would not end: until that shows.
  const ended = burst.then(() => true);
  const deadline = performance.now() + longestBurstMs;
  const isBounded = (): boolean => harness.ingresses.every(({ process }) => isWithinLimits(process));
  while (isBounded() && performance.now() < deadline) {
    if (await Promise.race([ended, sleep(250).then(() => false)])) break;
  }
  nats.signal("SIGCONT");
  await ended;
}

/** More requests than the admission limits allow. */
export const overloadCases: readonly FaultCase[] = [
  {
    title: "burst of large bodies while NATS hangs",
    numbers: [6],
    fault: "1,600 bodies of 400 KiB at once",
    expectation: "requests beyond the admission limits are refused; memory stays bounded",
    quiet: true,
    alone: true,
    answersWithinMs: "never",
    cycle: burstWhileNatsHangs,
  },
  {
    title: "one event 2,000 times",
    numbers: [53],
    fault: "the same event, in parallel through two ingress replicas",
    expectation: "one row, bounded memory",
    async cycle(context) {
      const event = context.sender.next();
      const copies = Array.from({ length: 2_000 }, () => event);
      await inParallel(64, copies, (copy) => context.sender.attempt(copy));
    },
  },
  {
    title: "flood after an outage",
    numbers: [58],
    fault: "1,500 events, three times each, 200 requests at a time",
    expectation: "requests beyond the admission limits are refused; the backlog is drained",
    answersWithinMs: 15_000,
    async cycle(context) {
      const events = Array.from({ length: 1_500 }, () => context.sender.next());
      const copies = events.flatMap((event) => [event, event, event]);
      await inParallel(200, copies, (copy) => context.sender.attempt(copy));
    },
  },
];
