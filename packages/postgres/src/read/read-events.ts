import type { EventFilter, Page, StoredEvent } from "@takings/domain";
import type { Pool } from "pg";
import { eventColumns, eventFields, eventsAsOf, parseEventRow } from "../columns/event-row.ts";
import { runRead } from "../session/run-read.ts";

const pageOf = `
  ($2::timestamptz is null or created >= $2::timestamptz)
  and ($3::timestamptz is null or created < $3::timestamptz)
  and ($4::text is null or type = $4::text)
  and ($4::text is not null or type not in ('takings.balance_transaction', 'takings.payout'))
  and ($5::timestamptz is null or (created, event_id) > ($5::timestamptz, $6::text))
  order by created, event_id
  limit $7`;

// Readings of the balance are listed only when they are asked for. The partial index on the others is used because the
// planner sees the values.
// As of a moment before it was replayed or read again, an event is what it was then. Each part is cut to a page before they
// are merged, so that each is read in the order of its index and no further.
const text = `
  select ${eventColumns}
  from (
    (select ${eventFields} from takings.events where ${eventsAsOf("$1")} and ${pageOf})
    union all
    (
      select ${eventFields} from takings.events_superseded
      where recorded_at <= $1::timestamptz and superseded_at > $1::timestamptz and ${pageOf}
    )
  ) as event
  order by created, event_id
  limit $7`;

/**
 * A page of events in the order of (`created`, `event_id`), beginning after `page.after`, as they were at the filter's
 * moment. So pagination returns each event once, even one that is replayed or read again meanwhile.
 * @throws TakingsError `unavailable`
 */
export function readEvents(pool: Pool, filter: EventFilter, page: Page): Promise<StoredEvent[]> {
  const values = [
    filter.asOf,
    filter.from ?? null,
    filter.to ?? null,
    filter.type ?? null,
    page.after?.time ?? null,
    page.after?.id ?? null,
    page.limit,
  ];
  return runRead(pool, { what: "events", text, values, parse: parseEventRow });
}
