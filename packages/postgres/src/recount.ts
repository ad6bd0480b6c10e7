import type { LedgerClaim, Moment } from "@takings/domain";
import { entryId } from "@takings/domain";
import type { Client } from "pg";
import { z } from "zod";
import { beginRecording } from "./begin-recording.ts";
import { OvertakenError } from "./repeat-overtaken.ts";
import { claimColumns, type IdentifiedClaim } from "./write-ledger.ts";

/** Something that is not as it must be: where it was seen, and what is wrong with it. */
export type Discrepancy = {
  readonly where: "events" | "ledger" | "meter";
  readonly id: string;
  readonly detail: string;
};

/** The claims of all events, gathered in a temporary table that lives as long as the connection. */
export type Recount = {
  add(claims: readonly LedgerClaim[]): Promise<void>;
  /** Merges the claims and compares with the ledger as of the moment, for entries that occurred in the range. */
  compare(asOf: Moment, range: Range): Promise<readonly Discrepancy[]>;
  /**
   * Makes the ledger what the events say, by new versions recorded now; what it said before stays on record. Needs
   * the rights of the ledger's owner.
   * @returns how many entries were put right.
   */
  correct(asOf: Moment): Promise<number>;
};

export type Range = { readonly from: Moment | undefined; readonly to: Moment | undefined };

/** More than this is not listed: whoever has so many has one cause to find, not a thousand. */
const mostListed = 1_000;

const create = `
  create temporary table recount (
    id text collate "C", kind text, account text, livemode boolean, object_id text, amount bigint, currency text,
    occurred_at timestamptz, event_created timestamptz, event_id text collate "C", payment_intent text
  )`;

const insert = `
  insert into recount select * from unnest(
    $1::text[], $2::text[], $3::text[], $4::boolean[], $5::text[], $6::bigint[], $7::text[], $8::timestamptz[],
    $9::timestamptz[], $10::text[], $11::text[]
  )`;

// The rule of write-ledger once more, but over everything at once and by sorting: the smallest claim decides, the
// smallest that names a payment names it.
const bothSides = `
  with decided as (
    select distinct on (id) id, kind, account, livemode, object_id, amount, currency, occurred_at, event_created,
      event_id
    from recount order by id, event_created, event_id
  ),
  named as (
    select distinct on (id) id, payment_intent, event_created as payment_intent_created,
      event_id as payment_intent_event_id
    from recount where payment_intent is not null order by id, event_created, event_id
  ),
  recounted as (
    select decided.*, payment_intent, payment_intent_created, payment_intent_event_id
    from decided left join named using (id)
  ),
  kept as (
    select id, kind, account, livemode, object_id, amount, currency, occurred_at, event_created, event_id,
      payment_intent, payment_intent_created, payment_intent_event_id
    from takings.ledger_as_of($1)
  )`;

const listDifferences = `
  ${bothSides}
  select coalesce(kept.id, recounted.id) as id, to_jsonb(kept) as kept, to_jsonb(recounted) as recounted
  from kept full join recounted using (id)
  where kept is distinct from recounted
    and ($2::timestamptz is null or kept.occurred_at >= $2 or recounted.occurred_at >= $2)
    and ($3::timestamptz is null or kept.occurred_at < $3 or recounted.occurred_at < $3)
  order by 1
  limit ${mostListed}`;

const findDifferences = `
  create temporary table difference on commit drop as
  ${bothSides}
  select coalesce(kept.id, recounted.id) as entry_id, recounted.*
  from kept full join recounted using (id)
  where kept is distinct from recounted`;

// What is wrong moves to the history, and what is right is recorded now.
const takeBack = `
  with wrong as (
    delete from takings.ledger using difference where ledger.id = entry_id returning ledger.*
  ),
  history as (
    insert into takings.ledger_superseded select *, $1::timestamptz from wrong
  ),
  metered as (
    insert into takings.meter_pending
    select $1::timestamptz, livemode, account, takings.quarter_of(occurred_at), currency, effect.*
    from wrong cross join lateral takings.effect_of(kind, amount, -1) as effect
  )
  select id from wrong where recorded_at > $2::timestamptz limit 1`;

const putRight = `
  with right_now as (
    insert into takings.ledger (
      id, kind, account, livemode, object_id, amount, currency, occurred_at, event_created, event_id, payment_intent,
      payment_intent_created, payment_intent_event_id, recorded_at
    )
    select
      id, kind, account, livemode, object_id, amount, currency, occurred_at, event_created, event_id, payment_intent,
      payment_intent_created, payment_intent_event_id, $1::timestamptz
    from difference where id is not null
    on conflict (id) do nothing
    returning *
  ),
  metered as (
    insert into takings.meter_pending
    select recorded_at, livemode, account, takings.quarter_of(occurred_at), currency, effect.*
    from right_now cross join lateral takings.effect_of(kind, amount, 1) as effect
  )
  select id from difference where id is not null and id not in (select id from right_now) limit 1`;

const differenceRow = z.object({
  id: z.string(),
  kept: z.record(z.string(), z.unknown()).nullable(),
  recounted: z.record(z.string(), z.unknown()).nullable(),
});

/** Begins a recount in the client's open transaction. */
export async function beginRecount(client: Client): Promise<Recount> {
  await client.query(create);
  return {
    async add(claims) {
      const identified = claims.map((claim): IdentifiedClaim => [entryId(claim), claim]);
      await client.query(insert, [...claimColumns(identified)]);
    },
    async compare(asOf, range) {
      await client.query("analyze recount");
      const { rows } = await client.query(listDifferences, [asOf, range.from ?? null, range.to ?? null]);
      return rows.map((row) => describe(differenceRow.parse(row)));
    },
    correct: (asOf) => correct(client, asOf),
  };
}

async function correct(client: Client, asOf: Moment): Promise<number> {
  // A recording has to see what was committed until now, which the snapshot of the count does not show.
  await client.query("commit; begin isolation level read committed");
  const recordedAt = await beginRecording(client);
  // A table cannot be made from a statement with parameters.
  const { rowCount } = await client.query(findDifferences.replace("$1", client.escapeLiteral(asOf)));
  const changed = await client.query<{ id: string }>(takeBack, [recordedAt, asOf]);
  const appeared = await client.query<{ id: string }>(putRight, [recordedAt]);
  const [overtaken] = [...changed.rows, ...appeared.rows];
  if (overtaken !== undefined) throw new OvertakenError(overtaken.id, asOf);
  return rowCount ?? 0;
}

function describe({ id, kept, recounted }: z.output<typeof differenceRow>): Discrepancy {
  if (kept === null) return { where: "ledger", id, detail: "is missing: the events make this entry" };
  if (recounted === null) return { where: "ledger", id, detail: "is there, but no event makes this entry" };
  const names = Object.keys(kept).filter((name) => kept[name] !== recounted[name]);
  const differences = names.map(
    (name) => `${name} is ${String(kept[name])}, by the events ${String(recounted[name])}`,
  );
  return { where: "ledger", id, detail: differences.join("; ") };
}
