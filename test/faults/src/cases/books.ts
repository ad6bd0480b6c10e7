import { performance } from "node:perf_hooks";
import { makeTraffic } from "@takings/end-to-end/life-history";
import type { Case, Stage } from "../case.ts";
import { untilSettled } from "../until-settled.ts";
import { aWhile } from "./steps.ts";

const manyEvents = 200_000;
const underWay = 512;
const settlesWithinMs = 300_000;

/** Straight onto the stream, as ingress would, because that is quicker. Its confirmation stands for the 2xx. */
async function storeMany({ rig, history, random, cycle }: Stage): Promise<void> {
  const waiting = random.shuffle(makeTraffic(1_000_000 + cycle, manyEvents).events).values();
  const worker = async (): Promise<void> => {
    for (const event of waiting) {
      const { id, body } = event;
      history.write({ what: "event", id, genuine: true, body });
      const began = performance.now();
      await rig.broker.store(event);
      const ms = Math.round(performance.now() - began);
      history.write({ what: "answered", id, attempt: 0, status: 200, ms });
    }
  };
  await Promise.all(Array.from({ length: underWay }, worker));
}

/** What was left behind, counted by the product itself. */
export const booksCases: readonly Case[] = [
  {
    name: "books counted again",
    faults: [],
    what: "`takings verify` of everything that the common installation went through",
    cycles: 1,
    quiet: true,
    async cycle({ rig, violate }) {
      await rig.takings("verify").catch((error: unknown) => violate("ONCE", String(error)));
    },
  },
  {
    name: "200,000 events counted again",
    faults: [28],
    what: "all shuffled, through four consumers, of which one is killed again and again; then `takings verify`",
    rig: { consumers: 4 },
    cycles: 1,
    onRequest: true,
    quiet: true,
    async cycle(stage) {
      const { rig, violate } = stage;
      const [victim] = rig.consumers;
      const over = storeMany(stage)
        .then(() => untilSettled(rig, settlesWithinMs))
        .then(() => true);
      for (let isOver = false; !isOver; ) {
        isOver = await Promise.race([over, aWhile(stage, 500, 2_000).then(() => false)]);
        await victim?.part.end("SIGKILL");
        await victim?.part.ready();
      }
      await rig.takings("verify").catch((error: unknown) => violate("ONCE", String(error)));
    },
  },
];
