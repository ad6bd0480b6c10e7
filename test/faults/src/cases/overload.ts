import type { FaultCase, CaseContext } from "../fault-case.ts";
import { syntheticEvent } from "./bodies.ts";
import { sleep } from "./steps.ts";

const requests = 1_600;
const bodyBytes = 400 * 1024;

/** Far more large bodies at once than may be in memory, none of which can be stored for now. */
async function burstWhileNatsHangs(context: CaseContext): Promise<void> {
  const { harness, sender } = context;
  const { nats } = harness.servers;
  const large = syntheticEvent(context, { padding: "x".repeat(bodyBytes) });
  nats.signal("SIGSTOP");
  const burst = Promise.all(Array.from({ length: requests }, () => sender.attempt(large)));
  // Until whatever bounds there are have answered; without any it goes on for ever.
  await Promise.race([burst, sleep(14_000)]);
  nats.signal("SIGCONT");
  await burst;
}

/** More than there is room for. */
export const overloadCases: readonly FaultCase[] = [
  {
    name: "burst of large bodies while NATS hangs",
    faults: [6],
    what: "1,600 bodies of 400 KiB at once: refused where there is no room, and memory stays bounded",
    cycles: 1,
    quiet: true,
    answersWithinMs: "never",
    cycle: burstWhileNatsHangs,
  },
  {
    name: "one event 2,000 times",
    faults: [53],
    what: "in parallel through two ingress processes: one row, bounded memory",
    cycles: 1,
    async cycle(context) {
      const event = context.sender.next();
      const waiting = Array.from({ length: 2_000 }).values();
      const worker = async (): Promise<void> => {
        for (const _ of waiting) await context.sender.attempt(event);
      };
      await Promise.all(Array.from({ length: 64 }, worker));
    },
  },
  {
    name: "flood after an outage",
    faults: [58],
    what: "1,500 events, three times each, with 200 requests at once: refused where there is no room, and drained",
    cycles: 1,
    answersWithinMs: 15_000,
    async cycle(context) {
      const waiting = Array.from({ length: 1_500 }, () => context.sender.next())
        .flatMap((event) => [event, event, event])
        .values();
      const worker = async (): Promise<void> => {
        for (const event of waiting) await context.sender.attempt(event);
      };
      await Promise.all(Array.from({ length: 200 }, worker));
    },
  },
];
