import type { LedgerEntry, Moment, StoredEvent } from "@takings/domain";
import type { Pool } from "pg";
import { eventColumns, eventFields, eventsAsOf, parseEventRow } from "../columns/event-row.ts";
import { ledgerColumns, parseLedgerRow } from "../columns/ledger-row.ts";
import { runRead } from "../session/run-read.ts";

const entriesText = `
  select ${ledgerColumns}
  from takings.ledger_as_of($2::timestamptz)
  where payment_intent = $1 and source = $3
  order by occurred_at, id`;

// A union of index scans; one `or` of both conditions would read the whole table.
const eventsText = `
  with version as not materialized (
    select ${eventFields} from takings.events where source = $3 and ${eventsAsOf("$2")}
    union all
    select ${eventFields} from takings.events_superseded
    where source = $3 and recorded_at <= $2::timestamptz and superseded_at > $2::timestamptz
  )
  select ${eventColumns}
  from version
  where event_id in (
    select event_id from version where payment_intent = $1
    union
    select version.event_id
    from takings.ledger_as_of($2::timestamptz) as entry
    join version on version.object_id = entry.object_id
    where entry.payment_intent = $1 and entry.source = $3
  )
  order by created, event_id`;

/**
 * The history of one PaymentIntent of a source as of a moment: its entries, and the events that name it or are about an object of
 * these entries (a refund event may name only its charge). Both are empty when it is unknown.
 * @throws TakingsError `unavailable`
 */
export async function readPayment(
  pool: Pool,
  paymentIntent: string,
  source: string,
  asOf: Moment,
): Promise<{ readonly entries: readonly LedgerEntry[]; readonly events: readonly StoredEvent[] }> {
  const values = [paymentIntent, asOf, source];
  const entry = { what: "a payment's entries", text: entriesText, values, parse: parseLedgerRow };
  const event = { what: "a payment's events", text: eventsText, values, parse: parseEventRow };
  // One after the other, so that a request uses one connection and leaves the others to other requests.
  return { entries: await runRead(pool, entry), events: await runRead(pool, event) };
}
