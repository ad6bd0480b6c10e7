import type { EventKey, Moment } from "@takings/domain";
import type { ClientBase } from "pg";
import { eventKeyColumns } from "../columns/event-keys.ts";
import { eventFields } from "../columns/event-row.ts";

// A version begins where the previous one ends, which may be after the event was recorded.
const text = `
  insert into takings.events_superseded (${eventFields}, recorded_at, superseded_at)
  select ${eventFields}, greatest(recorded_at, (
      select max(past.superseded_at) from takings.events_superseded as past
      where past.event_id = events.event_id and past.source = events.source
    )), $3::timestamptz
  from takings.events
  where (event_id, source) in (select * from unnest($1::text[], $2::text[]))`;

/**
 * Stores the present versions of events as superseded at a moment, so that lists as of an earlier time still show them.
 * The client's open transaction must be the recording of that moment, hold the rows of the events, and change them next.
 */
export async function archiveEventVersions(
  client: ClientBase,
  events: readonly EventKey[],
  until: Moment,
): Promise<void> {
  await client.query(text, [...eventKeyColumns(events), until]);
}
