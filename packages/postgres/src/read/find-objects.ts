import { type FoundObject, foundKinds } from "@takings/domain";
import type { Pool } from "pg";
import { z } from "zod";
import { isChosenSource } from "../columns/scope-conditions.ts";
import { runRead } from "../session/run-read.ts";

/** More than an id ever means; an invoice has few payments. */
const maxFound = 100;

const scope = "source, account, livemode";
const sameScope = (a: string, b: string): string =>
  `${a}.source = ${b}.source and ${a}.account = ${b}.account and ${a}.livemode = ${b}.livemode`;

/** The objects of the payment that an object belongs to: up to its root, and down again to all that belong to that. */
const family = `
  above as (
    select object_id, belongs_to, ${scope} from takings.payment_objects where object_id = $1
    union
    select next.object_id, next.belongs_to, next.source, next.account, next.livemode
    from above join takings.payment_objects as next on next.object_id = above.belongs_to and ${sameScope("next", "above")}
  ),
  member as (
    select object_id, ${scope} from above where object_id = belongs_to
    union
    select below.object_id, below.source, below.account, below.livemode
    from member
    join takings.payment_objects as below
      on below.belongs_to = member.object_id and below.belongs_to <> below.object_id and ${sameScope("below", "member")}
  )`;

/**
 * Whether a member is a PaymentIntent that something is stored about. The indexes of `payment_intent` have the default
 * collation, unlike the ids of objects, and are used only for a text that has it too.
 */
const hasRowsIn = (table: string): string => `exists (
      select from ${table} where payment_intent = member.object_id collate "default" and source = member.source
    )`;

/** The PaymentIntents that an id means, of which something is stored. */
const payments = `
  payment as (
    select object_id as id, source, nullif(account, '') as account, livemode
    from member where ${hasRowsIn("takings.ledger")}
    union all
    select object_id, source, nullif(account, ''), livemode
    from member where ${hasRowsIn("takings.events")}
    union all
    select payment_intent, source, nullif(account, ''), livemode from takings.ledger
    where id = $1 and payment_intent is not null
    union all
    select payment_intent, source, nullif(account, ''), livemode from takings.ledger where payment_intent = $1
    union all
    select payment_intent, ${scope} from takings.events where payment_intent = $1
    union all
    select payment_intent, ${scope} from takings.events where object_id = $1 and payment_intent is not null
  )`;

// Every part is a scan of an index for one id. An object without a payment is shown by its events.
const text = `
  with recursive ${family}, ${payments},
  found (kind, id, ${scope}) as (
    select 'event', event_id, ${scope} from takings.events where event_id = $1
    union all
    select 'event', event_id, source, nullif(account, ''), livemode from takings.ledger
    where id = $1 and payment_intent is null
    union all
    select 'payment', id, ${scope} from payment
    union all
    select 'payout', id, source, nullif(account, ''), livemode from takings.payouts where id = $1
    union all
    select 'balance_transaction', id, source, nullif(account, ''), livemode from takings.balance_transactions
    where id = $1
    union all
    select 'object', $1, ${scope} from (
      select ${scope} from takings.events where object_id = $1
      union all
      select ${scope} from takings.events where payment_object = $1
    ) as shown
    where source not in (select source from payment)
      and not exists (select from takings.payouts where id = $1 and source = shown.source)
      and not exists (select from takings.balance_transactions where id = $1 and source = shown.source)
  )
  select distinct kind, found.source, id, account, livemode
  from found join takings.sources on sources.name = found.source
  where ${isChosenSource("$2")}
  order by kind, found.source, id, account nulls first, livemode
  limit ${maxFound}`;

const foundRow = z.object({
  kind: z.enum(foundKinds),
  id: z.string(),
  source: z.string(),
  account: z.string().nullable(),
  livemode: z.boolean().nullable(),
});

/**
 * What an id means, as of now; docs of `PaymentReader.find`.
 * @throws TakingsError `unavailable`
 */
export function findObjects(pool: Pool, id: string, source: string): Promise<FoundObject[]> {
  return runRead(pool, {
    what: "what an id means",
    text,
    values: [id, source],
    parse: (row) => foundRow.parse(row),
  });
}
