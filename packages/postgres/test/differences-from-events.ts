import type { Pool } from "pg";

// In these tests each entry has its own object, and the smallest event about it takes precedence.
const text = `
  with moment as (
    select distinct recorded_at as at from takings.events
    union select recorded_at from takings.ledger
    union select recorded_at from takings.ledger_superseded
    union select superseded_at from takings.ledger_superseded
  ),
  by_the_events as (
    select distinct on (at, object_id) at, object_id, event_id
    from moment join takings.events on recorded_at <= at and facts is not null
    order by at, object_id, created, event_id
  ),
  by_the_ledger as (
    select at, object_id, event_id from moment cross join lateral takings.ledger_as_of(at)
  ),
  only_in_one as (
    (select 'only by the events' as side, * from by_the_events except all select 'only by the events', * from by_the_ledger)
    union all
    (select 'only in the ledger', * from by_the_ledger except all select 'only in the ledger', * from by_the_events)
  )
  select side, at::text, object_id, event_id from only_in_one order by at, object_id limit 20`;

/** Where the ledger as of a moment at which something changed differs from the events recorded until then. */
export async function differencesFromEvents(admin: Pool): Promise<readonly unknown[]> {
  const { rows } = await admin.query<Record<string, unknown>>(text);
  return rows;
}
