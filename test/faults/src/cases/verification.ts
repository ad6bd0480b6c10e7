import { performance } from "node:perf_hooks";
import { generateHistories } from "@takings/simulator";
import type { FaultCase, CaseContext } from "../fault-case.ts";
import { untilDrained } from "../until-drained.ts";
import { inParallel, sleepRandomly, verify } from "./steps.ts";

const manyEvents = 200_000;
const inFlight = 512;
const drainsWithinMs = 300_000;

/** Publishes to the stream directly, as ingress would, because that is faster. A PubAck counts as the 2xx. */
async function storeMany({ harness, history, random, cycle }: CaseContext): Promise<void> {
  const { events } = generateHistories(1_000_000 + cycle, manyEvents);
  await inParallel(inFlight, random.shuffle(events), async (event) => {
    const { id, body } = event;
    history.write({ what: "event", id, genuine: true, body });
    const began = performance.now();
    await harness.broker.store(event);
    const ms = Math.round(performance.now() - began);
    history.write({ what: "answered", id, attempt: 0, status: 200, ms });
  });
}

/** The final state, verified by the product itself. */
export const verificationCases: readonly FaultCase[] = [
  {
    title: "takings verify after all cases",
    numbers: [],
    fault: "`takings verify` on everything that the shared installation has stored",
    expectation: "no difference",
    quiet: true,
    cycle: verify,
  },
  {
    title: "takings verify after 200,000 events",
    numbers: [28],
    fault: "200,000 shuffled events, four consumers, one of which is killed repeatedly",
    expectation: "`takings verify` finds no difference",
    harness: { consumers: 4 },
    onRequest: true,
    quiet: true,
    async cycle(context) {
      const { harness } = context;
      const [victim] = harness.consumers;
      const over = storeMany(context)
        .then(() => untilDrained(harness, drainsWithinMs))
        .then(() => true);
      for (let isOver = false; !isOver; ) {
        isOver = await Promise.race([over, sleepRandomly(context, 500, 2_000).then(() => false)]);
        await victim?.process.end("SIGKILL");
        await victim?.process.ready();
      }
      await verify(context);
    },
  },
];
