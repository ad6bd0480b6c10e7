import type { EventFilter, Page, StoredEvent } from "@takings/domain";
import type { Pool } from "pg";
import { eventColumns, parseEventRow } from "./event-row.ts";
import { runRead } from "./run-read.ts";

const text = `
  select ${eventColumns}
  from takings.events
  where recorded_at <= $1::timestamptz
    and ($2::timestamptz is null or created >= $2::timestamptz)
    and ($3::timestamptz is null or created < $3::timestamptz)
    and ($4::text is null or type = $4::text)
    and ($5::timestamptz is null or (created, event_id) > ($5::timestamptz, $6::text))
  order by created, event_id
  limit $7`;

/**
 * A page of events in the order of (`created`, `event_id`), beginning after `page.after`.
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
