import type { EventRecord } from "@takings/domain";
import type { Pool } from "pg";
import { repeatFromBeginning } from "./begin-again.ts";
import { bookedFacts } from "./booked-facts.ts";
import { lockAndGather } from "./change-payments.ts";
import { inTransaction } from "./in-transaction.ts";
import { groupObjects } from "./lock-payments.ts";
import { patiently } from "./patiently.ts";

/**
 * Notes which objects belong to one payment by what these events state; the ledger is not changed by it. Needs the rights
 * of the tables' owner.
 * @throws TakingsError `unavailable` when other sessions stay in the way.
 */
export async function linkObjects(
  pool: Pool,
  events: readonly Pick<EventRecord, "facts" | "account" | "livemode">[],
): Promise<void> {
  const groups = groupObjects(events.flatMap(bookedFacts));
  if (groups.length === 0) return;
  await patiently("linking the objects of payments", () =>
    repeatFromBeginning(() => inTransaction(pool, (client) => lockAndGather(client, groups))),
  );
}
