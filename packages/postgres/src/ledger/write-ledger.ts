import type { ScopedEntry, LedgerDifference, Moment } from "@takings/domain";
import type { ClientBase } from "pg";

// One statement writes the entries, their previous versions and the deltas for the rollup. The last two are derived from
// the rows that were in fact inserted or updated, so an entry that is stored already adds nothing.
const text = `
  with incoming as (
    select * from unnest(
      $1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::text[], $7::bigint[], $8::text[],
      $9::timestamptz[], $10::text[], $11::text[]
    ) as entry (
      id, kind, source, account, livemode, object_id, amount, currency, occurred_at, event_id, payment_intent
    )
  ),
  written as (
    insert into takings.ledger as known (
      id, kind, source, account, livemode, object_id, amount, currency, occurred_at, event_id, payment_intent,
      recorded_at
    )
    select *, $12::timestamptz from incoming order by id
    on conflict (id) do update set
      (amount, currency, occurred_at, event_id, payment_intent, recorded_at) = (
        excluded.amount, excluded.currency, excluded.occurred_at, excluded.event_id, excluded.payment_intent,
        greatest(known.recorded_at, excluded.recorded_at)
      )
    where (known.amount, known.currency, known.occurred_at, known.event_id, known.payment_intent)
      is distinct from (
        excluded.amount, excluded.currency, excluded.occurred_at, excluded.event_id, excluded.payment_intent
      )
    returning
      old.id as old_id, old.kind as old_kind, old.source as old_source, old.account as old_account,
      old.livemode as old_livemode, old.object_id as old_object_id, old.amount as old_amount, old.currency as old_currency,
      old.occurred_at as old_occurred_at, old.event_id as old_event_id, old.payment_intent as old_payment_intent,
      old.recorded_at as old_recorded_at, new.*
  ),
  superseded as (
    insert into takings.ledger_superseded (
      id, kind, source, account, livemode, object_id, amount, currency, occurred_at, event_id, payment_intent,
      recorded_at, superseded_at
    )
    select
      old_id, old_kind, old_source, old_account, old_livemode, old_object_id, old_amount, old_currency, old_occurred_at,
      old_event_id, old_payment_intent, old_recorded_at, recorded_at
    from written where old_id is not null
  )
  insert into takings.rollup_deltas
  select recorded_at, livemode, source, account, takings.bucket_start(occurred_at), currency, sum(gross),
    sum(refunded), sum(disputed), sum(payments), sum(refunds), sum(disputes)
  from (
    select recorded_at, livemode, source, account, occurred_at, currency, kind, amount, 1 from written
    union all
    select recorded_at, livemode, source, account, old_occurred_at, old_currency, kind, old_amount, -1
    from written where old_id is not null
  ) as change (recorded_at, livemode, source, account, occurred_at, currency, kind, amount, sign)
  cross join lateral takings.effect_of(kind, amount, sign)
  group by recorded_at, livemode, source, account, takings.bucket_start(occurred_at), currency`;

/**
 * Writes and retracts entries, and keeps their previous versions. The client's open transaction must hold the locks of
 * their payments and have begun its recording after that.
 */
export async function writeLedger(
  client: ClientBase,
  { put, retracted }: Pick<LedgerDifference, "put" | "retracted">,
  recordedAt: Moment,
): Promise<void> {
  if (retracted.length > 0)
    await client.query("select takings.retract_entries($1, $2)", [retracted, recordedAt]);
  if (put.length === 0) return;
  const column = <T>(of: (entry: ScopedEntry) => T): T[] => put.map(of);
  await client.query({
    name: "write-ledger",
    text,
    values: [
      column(({ id }) => id),
      column(({ kind }) => kind),
      column(({ source }) => source),
      column(({ account }) => account ?? ""),
      column(({ livemode }) => livemode),
      column(({ objectId }) => objectId),
      column(({ amount }) => amount.toString()),
      column(({ currency }) => currency),
      column(({ occurredAt }) => occurredAt.toISOString()),
      column(({ sourceEvent }) => sourceEvent.eventId),
      column(({ paymentIntent }) => paymentIntent ?? null),
      recordedAt,
    ],
  });
}
