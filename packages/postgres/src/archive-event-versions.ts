import type { Moment } from "@takings/domain";
import type { ClientBase } from "pg";
import { eventFields } from "./event-row.ts";

// A version begins where the one before it ends, which need not be where the event was recorded.
const text = `
  insert into takings.events_superseded (${eventFields}, recorded_at, superseded_at)
  select ${eventFields}, greatest(recorded_at, (
      select max(past.superseded_at) from takings.events_superseded as past where past.event_id = events.event_id
    )), $2::timestamptz
  from takings.events where event_id = any($1::text[])`;

/**
 * Keeps what events are known as until a moment, so that lists as of before still show it. The client's open
 * transaction is a recording of that moment and holds the events' rows, and it is about to change them.
 */
export async function archiveEventVersions(
  client: ClientBase,
  eventIds: readonly string[],
  until: Moment,
): Promise<void> {
  await client.query(text, [eventIds, until]);
}
