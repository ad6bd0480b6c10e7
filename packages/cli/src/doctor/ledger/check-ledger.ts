import { countOpenGaps, countOpenQuarantine } from "@takings/postgres";
import { type Check, ok, todo } from "../check.ts";
import type { Connections } from "../connections.ts";
import { databaseCheck } from "../database/database-check.ts";

/** Whether the ledger lacks money that Takings knows of. */
export function ledgerChecks(connections: Connections): readonly Check[] {
  return [
    databaseCheck(connections, "ledger/gaps", async ({ pool }) => {
      const open = (await countOpenGaps(pool)).filter(({ payment, refund }) => payment + refund > 0);
      return open.length === 0
        ? ok("no payment or refund is missing that another event shows")
        : todo(
            `known from other events only: ${open.map(({ source, payment, refund }) => `${payment} payments and ${refund} refunds of source ${source}`).join(", ")}`,
            "run takings reconcile: docs/runbooks/TakingsGaps.md",
          );
    }),
    databaseCheck(connections, "ledger/quarantine", async ({ pool }) => {
      const counts = (await countOpenQuarantine(pool)).filter(({ open }) => open > 0);
      return counts.length === 0
        ? ok("no event awaits a decision")
        : todo(
            `in quarantine and not counted: ${counts.map(({ source, open }) => `${open} events of source ${source}`).join(", ")}`,
            "takings quarantine list: docs/runbooks/TakingsQuarantineNotEmpty.md",
          );
    }),
  ];
}
