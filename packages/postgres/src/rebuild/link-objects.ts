import type { EventRecord } from "@takings/domain";
import type { ClientBase, Pool } from "pg";
import { withTransactionRestarts } from "../session/restart-transaction.ts";
import { eventKeyColumns } from "../columns/event-keys.ts";
import { encodeFacts, objectOfFacts } from "../columns/facts-column.ts";
import { readRoots } from "../ledger/gather-facts.ts";
import { inTransaction } from "../session/in-transaction.ts";
import { lockAndGather } from "../ledger/lock-and-gather.ts";
import { groupObjects, type ObjectGroup, objectsOfGroup, scopedFacts } from "../ledger/scoped-facts.ts";
import { retryOnContention } from "../session/retry-on-contention.ts";
import { objectColumns, objectKey } from "../ledger/payment-objects.ts";

const text = `
  update takings.events set payment_object = incoming.payment_object
  from unnest($1::text[], $2::text[], $3::jsonb[], $4::text[]) as incoming (event_id, source, facts, payment_object)
  where (events.event_id, events.source) = (incoming.event_id, incoming.source) and events.facts = incoming.facts
    and events.payment_object <> incoming.payment_object`;

const resetText = `
  update takings.payment_objects as object set belongs_to = object.object_id
  from unnest($1::text[], $2::text[], $3::text[], $4::boolean[]) as lost (object_id, source, account, livemode)
  where (object.object_id, object.source, object.account, object.livemode)
    = (lost.object_id, lost.source, lost.account, lost.livemode)`;

/** Makes every object from which no root can be reached a root itself. */
async function resetOrphans(client: ClientBase, groups: readonly ObjectGroup[]): Promise<void> {
  const objects = groups.flatMap(objectsOfGroup);
  const roots = await readRoots(client, objects);
  const lost = objects.filter((object) => !roots.has(objectKey(object)));
  if (lost.length > 0) await client.query(resetText, objectColumns(lost));
}

/**
 * Stores which objects belong to one payment, by the facts of these events, and by which of them each event is found. Does
 * not change the ledger. Must run as the owner of the tables.
 * @throws TakingsError `unavailable` when other sessions prevent it.
 */
export async function linkObjects(
  pool: Pool,
  events: readonly Pick<EventRecord, "eventId" | "facts" | "source" | "account" | "livemode">[],
): Promise<void> {
  const groups = groupObjects(events.flatMap(scopedFacts));
  if (groups.length === 0) return;
  await retryOnContention("linking the objects of payments", () =>
    withTransactionRestarts(() =>
      inTransaction(pool, async (client) => {
        await resetOrphans(client, groups);
        await lockAndGather(client, groups);
        await client.query(text, [
          ...eventKeyColumns(events),
          events.map(({ facts }) => encodeFacts(facts)),
          events.map(({ facts }) => objectOfFacts(facts)),
        ]);
      }),
    ),
  );
}
