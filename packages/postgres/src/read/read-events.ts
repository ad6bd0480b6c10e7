import { type EventFilter, type Page, parseMessageId, type StoredEvent } from "@takings/domain";
import type { Pool } from "pg";
import { eventColumns, eventFields, eventsAsOf, parseEventRow } from "../columns/event-row.ts";
import { isChosenSource } from "../columns/scope-conditions.ts";
import { runRead } from "../session/run-read.ts";

/** The events of an object as it is known now, each by an index. What an event was earlier is found by its id. */
const ofObject = (column: string): string => `${column} = $12::text`;
const showsObject = `(${["object_id", "payment_object", "payment_intent"].map(ofObject).join(" or ")})`;

/** What the filter asks for beyond the range and the type, in each table. */
type Conditions = { readonly current: string; readonly past: string };

// Each must be written out for the planner to use a partial index.
const awaitsDecision: Conditions = {
  current: "and status = 'quarantined' and dismissed_at is null",
  past: "and status = 'quarantined'",
};
const isProcessed: Conditions = { current: "and status = 'processed'", past: "and status = 'processed'" };
const isAboutObject: Conditions = {
  current: `and ${showsObject}`,
  past: `and event_id = any (array(
    select event_id from takings.events where source = sources.name and ${showsObject}
  ))`,
};

// Readings of the balance are listed only when they are asked for. The partial index on the others is used because the
// planner sees the values.
const pageOf = (more: string, hasReadings: boolean): string => `
  source = sources.name
  and ($2::timestamptz is null or created >= $2::timestamptz)
  and ($3::timestamptz is null or created < $3::timestamptz)
  and ($4::text is null or type = $4::text)
  ${hasReadings ? "" : "and ($4::text is not null or type not in ('takings.balance_transaction', 'takings.payout'))"}
  and ($5::timestamptz is null or (created, event_id, source) > ($5::timestamptz, $6::text, $7::text))
  and ($10::text = '*' or account is not distinct from
    case when $10::text = sources.stripe_account_id then null else nullif($10::text, '') end)
  and ($11::boolean is null or livemode = $11::boolean)
  ${more}
  order by created, event_id
  limit $8`;

// As of a moment before it was replayed or read again, an event is what it was then. Each part is cut to a page of one source
// before they are merged, so that each is read in the order of its index and no further.
function textFor({ status, objectId }: EventFilter): string {
  const conditions = [
    ...(status === undefined ? [] : [status === "quarantined" ? awaitsDecision : isProcessed]),
    ...(objectId === undefined ? [] : [isAboutObject]),
  ];
  const hasReadings = status === "quarantined" || objectId !== undefined;
  const page = (part: keyof Conditions): string =>
    pageOf(conditions.map((condition) => condition[part]).join(" "), hasReadings);
  return `
    select ${eventColumns}
    from takings.sources
    cross join lateral (
      (select ${eventFields} from takings.events where ${eventsAsOf("$1")} and ${page("current")})
      union all
      (
        select ${eventFields} from takings.events_superseded
        where recorded_at <= $1::timestamptz and superseded_at > $1::timestamptz and ${page("past")}
      )
    ) as event
    where ${isChosenSource("$9")}
    order by created, event_id, source
    limit $8`;
}

/**
 * A page of events in the order of (`created`, `event_id`, `source`), beginning after `page.after`, whose id is that of
 * `messageIdOf`, as they were at the filter's moment. So pagination returns each event once, even one that is replayed or
 * read again meanwhile.
 * @throws TakingsError `unavailable`
 */
export function readEvents(pool: Pool, filter: EventFilter, page: Page): Promise<StoredEvent[]> {
  const after = page.after && parseMessageId(page.after.id);
  const values = [
    filter.asOf,
    filter.from ?? null,
    filter.to ?? null,
    filter.type ?? null,
    page.after?.time ?? null,
    after?.eventId ?? null,
    after?.source ?? null,
    page.limit,
    filter.source,
    filter.account === undefined ? "*" : (filter.account ?? ""),
    filter.livemode ?? null,
    ...(filter.objectId === undefined ? [] : [filter.objectId]),
  ];
  return runRead(pool, { what: "events", text: textFor(filter), values, parse: parseEventRow });
}
