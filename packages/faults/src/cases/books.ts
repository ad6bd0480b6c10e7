import type { Case } from "../case.ts";

/** What all cases before it left behind, counted by the product itself. */
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
];
