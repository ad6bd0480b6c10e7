import type { Case } from "../case.ts";
import { untilSettled } from "../until-settled.ts";
import { aWhile } from "./steps.ts";

/** Every fifth event comes twice or more often, so these are 200,000 events. */
const manyDeliveries = 245_000;
const settlesWithinMs = 300_000;

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
    traffic: { concurrency: 256, restMs: 0, shuffledEvents: 20_000 },
    cycles: 1,
    onRequest: true,
    async cycle(stage) {
      const { rig, sender, violate } = stage;
      const [victim] = rig.consumers;
      while (sender.accepted() < manyDeliveries) {
        await aWhile(stage, 500, 2_000);
        await victim?.part.end("SIGKILL");
        await victim?.part.ready();
      }
      await sender.settle(settlesWithinMs);
      await untilSettled(rig, settlesWithinMs);
      await rig.takings("verify").catch((error: unknown) => violate("ONCE", String(error)));
    },
  },
];
