import { countOpenGaps, countOpenQuarantine } from "@takings/postgres";
import { type Check, ok, todo } from "../check.ts";
import type { Connections } from "../connections.ts";
import { databaseCheck } from "../database/database-check.ts";

/** Whether the ledger lacks money that Takings knows of. */
export function ledgerChecks(connections: Connections): readonly Check[] {
  return [
    databaseCheck(connections, "ledger/gaps", async ({ pool }) => {
      const { payment, refund } = await countOpenGaps(pool);
      return payment + refund === 0
        ? ok("no payment or refund is missing that another event shows")
        : todo(
            `${payment} payments and ${refund} refunds are known from other events only`,
            "run takings reconcile: docs/runbooks/TakingsGaps.md",
          );
    }),
    databaseCheck(connections, "ledger/quarantine", async ({ pool }) => {
      const open = await countOpenQuarantine(pool);
      return open === 0
        ? ok("no event awaits a decision")
        : todo(
            `${open} events are in quarantine and not counted`,
            "takings quarantine list: docs/runbooks/TakingsQuarantineNotEmpty.md",
          );
    }),
  ];
}
