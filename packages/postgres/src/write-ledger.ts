import type { LedgerClaim, Moment } from "@takings/domain";
import type { PoolClient } from "pg";
import { OvertakenError } from "./repeat-overtaken.ts";

// Three things at once: the entries, what they said before, and what that adds to the meter. The last two follow
// from the rows that were really inserted or changed, so a repeated batch adds nothing.
// What a batch changes bears the time of the batch, as its events do, and so must come after what was there. A batch
// that meets an entry of its own time or later also finds it where it has nothing to change: by its time the events
// say one thing and the ledger another. It is told, and has to begin again with a later time.
// An entry's fields are those of the smallest claim, its payment that of the smallest claim that names one: two
// minima, each taken here between the row that is there and the one that comes, as `mergeClaims` does in memory.
const text = `
  with incoming as (
    select * from unnest(
      $1::text[], $2::text[], $3::text[], $4::boolean[], $5::text[], $6::bigint[], $7::text[], $8::timestamptz[],
      $9::timestamptz[], $10::text[], $11::text[], $12::timestamptz[], $13::text[]
    ) as claim (
      id, kind, account, livemode, object_id, amount, currency, occurred_at, event_created, event_id,
      payment_intent, payment_intent_created, payment_intent_event_id
    )
  ),
  written as (
    insert into takings.ledger as known (
      id, kind, account, livemode, object_id, amount, currency, occurred_at, event_created, event_id,
      payment_intent, payment_intent_created, payment_intent_event_id, recorded_at
    )
    select *, $14::timestamptz from incoming
    on conflict (id) do update set
      (amount, currency, occurred_at, event_created, event_id) = (
        select amount, currency, occurred_at, event_created, event_id
        from (values
          (known.amount, known.currency, known.occurred_at, known.event_created, known.event_id),
          (excluded.amount, excluded.currency, excluded.occurred_at, excluded.event_created, excluded.event_id)
        ) as claim (amount, currency, occurred_at, event_created, event_id)
        order by event_created, event_id limit 1
      ),
      (payment_intent, payment_intent_created, payment_intent_event_id) = (
        select name, created, event_id
        from (values
          (known.payment_intent, known.payment_intent_created, known.payment_intent_event_id),
          (excluded.payment_intent, excluded.payment_intent_created, excluded.payment_intent_event_id)
        ) as word (name, created, event_id)
        order by created nulls last, event_id limit 1
      ),
      recorded_at = excluded.recorded_at
    where known.recorded_at >= excluded.recorded_at
      or (excluded.event_created, excluded.event_id) < (known.event_created, known.event_id)
      or (excluded.payment_intent_created, excluded.payment_intent_event_id)
        < (known.payment_intent_created, known.payment_intent_event_id)
      or (known.payment_intent is null and excluded.payment_intent is not null)
    returning
      old.id as old_id, old.kind as old_kind, old.account as old_account, old.livemode as old_livemode,
      old.object_id as old_object_id, old.amount as old_amount, old.currency as old_currency,
      old.occurred_at as old_occurred_at, old.event_created as old_event_created, old.event_id as old_event_id,
      old.payment_intent as old_payment_intent, old.payment_intent_created as old_payment_intent_created,
      old.payment_intent_event_id as old_payment_intent_event_id, old.recorded_at as old_recorded_at, new.*
  ),
  superseded as (
    insert into takings.ledger_superseded
    select
      old_id, old_kind, old_account, old_livemode, old_object_id, old_amount, old_currency, old_occurred_at,
      old_event_created, old_event_id, old_payment_intent, old_payment_intent_created,
      old_payment_intent_event_id, old_recorded_at, recorded_at
    from written where old_id is not null
  ),
  metered as (
    insert into takings.meter_pending
    select recorded_at, livemode, account, takings.quarter_of(occurred_at), currency, sum(gross), sum(refunded),
      sum(disputed), sum(payments), sum(refunds), sum(disputes)
    from (
      select recorded_at, livemode, account, occurred_at, currency, kind, amount, 1 from written
      union all
      select recorded_at, livemode, account, old_occurred_at, old_currency, kind, old_amount, -1
      from written where old_id is not null
    ) as change (recorded_at, livemode, account, occurred_at, currency, kind, amount, sign)
    cross join lateral takings.effect_of(kind, amount, sign)
    group by recorded_at, livemode, account, takings.quarter_of(occurred_at), currency
  )
  select id from written where old_recorded_at >= recorded_at limit 1`;

// An entry that is taken out of the ledger leaves no row to meet: an older batch would put it in again from before it
// was taken out. The statement above may have begun before that was committed, this one has not.
const takenOutText = `
  select id from takings.ledger_superseded where superseded_at > $1::timestamptz and id = any($2::text[]) limit 1`;

/** A claim under the id of its entry. */
export type IdentifiedClaim = readonly [id: string, claim: LedgerClaim];

/** What claims say, column by column: id, kind, account, livemode, object_id, … event_id, payment_intent. */
function claimColumns(claims: readonly IdentifiedClaim[]): readonly unknown[][] {
  const column = <T>(of: (claim: LedgerClaim) => T): T[] => claims.map(([, claim]) => of(claim));
  return [
    claims.map(([id]) => id),
    column((claim) => claim.kind),
    column((claim) => claim.account ?? ""),
    column((claim) => claim.livemode),
    column((claim) => claim.objectId),
    column((claim) => claim.amount.toString()),
    column((claim) => claim.currency),
    column((claim) => claim.occurredAt.toISOString()),
    column((claim) => claim.decidedBy.created.toISOString()),
    column((claim) => claim.decidedBy.eventId),
    column((claim) => claim.paymentIntent?.id ?? null),
  ];
}

/**
 * Merges the claims, at most one per entry, into the ledger, and keeps what they replace.
 * @throws OvertakenError when an entry is of the same time or a later one: nothing of the transaction may be committed.
 */
export async function writeLedger(
  client: PoolClient,
  claims: readonly IdentifiedClaim[],
  recordedAt: Moment,
): Promise<void> {
  const { rows } = await client.query<{ id: string }>({
    name: "write-ledger",
    text,
    values: [
      ...claimColumns(claims),
      claims.map(([, { paymentIntent }]) => paymentIntent?.saidBy.created.toISOString() ?? null),
      claims.map(([, { paymentIntent }]) => paymentIntent?.saidBy.eventId ?? null),
      recordedAt,
    ],
  });
  const takenOut = await client.query<{ id: string }>({
    name: "taken-out",
    text: takenOutText,
    values: [recordedAt, claims.map(([id]) => id)],
  });
  const overtaken = rows[0] ?? takenOut.rows[0];
  if (overtaken !== undefined) throw new OvertakenError(overtaken.id, recordedAt);
}
