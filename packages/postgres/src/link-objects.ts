import type { EventRecord } from "@takings/domain";
import type { Pool } from "pg";
import { repeatFromBeginning } from "./begin-again.ts";
import { bookedFacts } from "./booked-facts.ts";
import { lockAndGather } from "./change-payments.ts";
import { encodeFacts, objectOfFacts } from "./facts-column.ts";
import { inTransaction } from "./in-transaction.ts";
import { groupObjects } from "./lock-payments.ts";
import { patiently } from "./patiently.ts";

const text = `
  update takings.events set payment_object = incoming.payment_object
  from unnest($1::text[], $2::jsonb[], $3::text[]) as incoming (event_id, facts, payment_object)
  where events.event_id = incoming.event_id and events.facts = incoming.facts
    and events.payment_object <> incoming.payment_object`;

/**
 * Notes which objects belong to one payment by what these events state, and by which of them each event is found; the
 * ledger is not changed by it. Needs the rights of the tables' owner.
 * @throws TakingsError `unavailable` when other sessions stay in the way.
 */
export async function linkObjects(
  pool: Pool,
  events: readonly Pick<EventRecord, "eventId" | "facts" | "account" | "livemode">[],
): Promise<void> {
  const groups = groupObjects(events.flatMap(bookedFacts));
  if (groups.length === 0) return;
  await patiently("linking the objects of payments", () =>
    repeatFromBeginning(() =>
      inTransaction(pool, async (client) => {
        await lockAndGather(client, groups);
        await client.query(text, [
          events.map(({ eventId }) => eventId),
          events.map(({ facts }) => encodeFacts(facts)),
          events.map(({ facts }) => objectOfFacts(facts)),
        ]);
      }),
    ),
  );
}
