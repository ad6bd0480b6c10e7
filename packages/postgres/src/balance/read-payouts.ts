import {
  type BalanceReader,
  type CategoryTotal,
  type Page,
  parseBalancePosition,
  type Payout,
  type PayoutWithMembers,
} from "@takings/domain";
import type { PayoutFilter } from "@takings/domain";
import type { Pool } from "pg";
import { z } from "zod";
import { momentText } from "../columns/moment-text.ts";
import { runRead } from "../session/run-read.ts";
import { isChosenSource, isInSource } from "../columns/scope-conditions.ts";

const fields = `
  id, source, account, livemode, amount, currency, status, automatic, arrival_date, created, trace_id,
  reconciliation_status, members, event_id`;

/** The payouts of a condition as of `$1`, at most `limit`. Each half is cut before they are merged. */
const payoutsOf = (condition: string, order: string, limit: string): string => `
  select *
  from (
    (
      select ${fields} from takings.payouts
      where recorded_at <= $1::timestamptz and ${condition} order by ${order} limit ${limit}
    )
    union all
    (
      select ${fields} from takings.payouts_superseded
      where recorded_at <= $1::timestamptz and superseded_at > $1::timestamptz and ${condition}
      order by ${order} limit ${limit}
    )
  ) as either
  order by ${order}
  limit ${limit}`;

// Bounds without `or`, and one text for one account and one for all, so that a kept plan reads a range of an index.
const inPage = `
  livemode = $2::boolean
  and source = sources.name {of account}
  and ($4::text is null or currency = $4::text)
  and arrival_date >= $5::timestamptz and arrival_date < $6::timestamptz
  and ($7::text is null or status = $7::text)
  and (arrival_date, id, account, source) > ($8::timestamptz, $9::text, $10::text, $11::text)`;
const ofAccount = "and account = case when $3::text = sources.stripe_account_id then '' else $3::text end";

// Members add up as the sums of a balance do: what the rollup contains, and what it does not contain yet or too much.
const withSums = (payouts: string, order: string, columns: string): string => `
  with chosen as materialized (${payouts}),
  since_rollup as materialized (
    select payout, source, account, livemode, reporting_category, sum(count) as count, sum(gross) as gross,
      sum(fee) as fee, sum(net) as net
    from (
      select payout, source, account, livemode, reporting_category, count, gross, fee, net
      from takings.balance_deltas where recorded_at <= $1::timestamptz and payout is not null
      union all
      select payout, source, account, livemode, reporting_category, -count, -gross, -fee, -net
      from takings.balance_watermark cross join lateral takings.balance_changes($1::timestamptz, watermark)
      where payout is not null
    ) as change
    group by payout, source, account, livemode, reporting_category
  )
  select id, source, nullif(account, '') as account, livemode, amount::text as amount, currency, status, automatic,
    ${momentText("arrival_date")} as arrival_date_text, ${momentText("created")} as created_text, trace_id,
    reconciliation_status, event_id, ${columns}
  from chosen
  order by ${order}`;

/** An answer about the members of a payout, where Stripe tells them. */
const ofMembers = (answer: string): string => `
  case when automatic and reconciliation_status = 'completed' and members is not null then ${answer} end`;
const members = `(
  select reporting_category, count, gross, fee, net from takings.payout_totals as total
  where total.payout = chosen.id and total.source = chosen.source and total.account = chosen.account
    and total.livemode = chosen.livemode
  union all
  select reporting_category, count, gross, fee, net from since_rollup
  where since_rollup.payout = chosen.id and since_rollup.source = chosen.source
    and since_rollup.account = chosen.account and since_rollup.livemode = chosen.livemode
) as member`;
const explained = `${ofMembers(`(select coalesce(sum(net), 0)::text from ${members})`)} as explained`;
const byCategory = `${ofMembers(`array(
  select array[reporting_category, sum(count)::text, sum(gross)::text, sum(fee)::text, sum(net)::text]
  from ${members}
  group by reporting_category
  having sum(count) <> 0
  order by reporting_category
)`)} as members`;

const pageOrder = "arrival_date, id, account";
/** Each source is read in the order of an index and no further than a page. */
const pageOfSources = `
  select payout.*
  from takings.sources
  cross join lateral (${payoutsOf(inPage, pageOrder, "$12")}) as payout
  where ${isChosenSource("$13")}
  order by arrival_date, id, payout.account, payout.source
  limit $12`;
const listOf = (account: string): string =>
  withSums(
    pageOfSources.replaceAll("{of account}", account),
    "chosen.arrival_date, id, chosen.account, chosen.source",
    explained,
  );
const listTexts = { one: listOf(ofAccount), all: listOf("and ($3::text = '*')") };
const isWanted = `
  id = $2::text and ${isInSource("$3")}
  and ($4::boolean is null or livemode = $4::boolean)`;
const oneText = withSums(
  `select payout.*
  from takings.sources
  cross join lateral (${payoutsOf(isWanted, "account, livemode desc", "1")}) as payout
  where sources.name = $5::text`,
  "id",
  `${explained}, ${byCategory}`,
);

const category = z.tuple([z.string(), z.coerce.number(), z.string(), z.string(), z.string()]).transform(
  ([reportingCategory, count, gross, fee, net]): CategoryTotal => ({
    reportingCategory,
    count,
    gross: BigInt(gross),
    fee: BigInt(fee),
    net: BigInt(net),
  }),
);

const payoutRow = z.object({
  id: z.string(),
  source: z.string(),
  account: z.string().nullable(),
  livemode: z.boolean(),
  amount: z.string().transform(BigInt),
  currency: z.string(),
  status: z.string(),
  automatic: z.boolean(),
  arrival_date_text: z.string(),
  created_text: z.string(),
  trace_id: z.string().nullable(),
  reconciliation_status: z.string().nullable(),
  event_id: z.string(),
  explained: z.string().transform(BigInt).nullable(),
});
const rowWithMembers = payoutRow.extend({ members: z.array(category).nullable() });

function toPayout(row: z.output<typeof payoutRow>): Payout {
  return {
    id: row.id,
    source: row.source,
    account: row.account,
    livemode: row.livemode,
    amount: row.amount,
    currency: row.currency,
    status: row.status,
    automatic: row.automatic,
    arrivalDate: row.arrival_date_text,
    created: row.created_text,
    traceId: row.trace_id,
    reconciliationStatus: row.reconciliation_status,
    eventId: row.event_id,
    explained: row.explained,
  };
}

/**
 * A page of payouts in the order of (`arrival_date`, `id`, `account`, `source`), beginning after `page.after`.
 * @throws TakingsError `unavailable`
 */
export function readPayouts(pool: Pool, filter: PayoutFilter, page: Page): Promise<Payout[]> {
  const after = page.after && parseBalancePosition(page.after.id);
  const values = [
    filter.asOf,
    filter.livemode,
    filter.account ?? "",
    filter.currency ?? null,
    filter.from ?? "-infinity",
    filter.to ?? "infinity",
    filter.status ?? null,
    page.after?.time ?? "-infinity",
    after?.id ?? "",
    after?.account ?? "",
    after?.source ?? "",
    page.limit,
    filter.source,
  ];
  const parse = (row: unknown): Payout => toPayout(payoutRow.parse(row));
  const whose = filter.account === "*" ? "all" : "one";
  return runRead(pool, {
    what: "payouts",
    name: `payouts of ${whose}`,
    text: listTexts[whose],
    values,
    parse,
  });
}

/**
 * See `BalanceReader.payout`.
 * @throws TakingsError `unavailable`
 */
export async function readPayout(
  pool: Pool,
  id: string,
  { asOf, source, account, livemode }: Parameters<BalanceReader["payout"]>[1],
): Promise<PayoutWithMembers | undefined> {
  const values = [asOf, id, account ?? "", livemode ?? null, source];
  const parse = (row: unknown): PayoutWithMembers => {
    const read = rowWithMembers.parse(row);
    return { ...toPayout(read), members: read.members };
  };
  const [payout] = await runRead(pool, { what: "a payout", name: "a payout", text: oneText, values, parse });
  return payout;
}
