import { type Moment, TakingsError } from "@takings/domain";
import type { Pool } from "pg";
import { momentText } from "../columns/moment-text.ts";
import { readSafeReadTime } from "../record/recorded-time.ts";
import { runRead } from "../session/run-read.ts";
import { isChosenAccount, isChosenSource, isInSource } from "../columns/scope-conditions.ts";
import {
  comparedColumns,
  counts,
  listedColumns,
  payoutColumns,
  payoutsAsOf,
  transactionsInScope,
  versionColumns,
} from "./tie-out-columns.ts";
import { customerPaymentsText } from "./tie-out-payments.ts";
import {
  type CustomerPayment,
  type ListedTransaction,
  parseExtent,
  parseListed,
  parsePayment,
  parsePayoutId,
  parseSum,
  parseTransaction,
  type TieOutExtent,
  type TieOutSum,
  type TieOutTransaction,
} from "./tie-out-rows.ts";

/**
 * Selects the ledger that a report is compared with. `source`: `*` is all sources. `account`: `null` is the platform itself,
 * `*` all accounts.
 */
export type TieOutScope = {
  readonly source: string;
  readonly account: string | null;
  readonly livemode: boolean;
};

/** Selects transactions of a half-open range of moments, in seconds since 1970. */
export type TieOutRange = {
  readonly from: number;
  readonly to: number;
  readonly currency: string | undefined;
  readonly reportingCategory: string | undefined;
  /** Whether payouts and their reversals are meant, or all others; `undefined`: both. */
  readonly payouts: boolean | undefined;
};

/** Reads what reports of Stripe are compared with, as of one recorded time. Methods throw TakingsError `unavailable`. */
export type TieOutReader = {
  readonly asOf: Moment;
  extent(): Promise<TieOutExtent>;
  /**
   * The transactions with these ids, of any balance type; those that are not known are left out.
   * @throws TakingsError `invalid` for an id of several sources or accounts
   */
  transactions(ids: readonly string[]): Promise<ReadonlyMap<string, TieOutTransaction>>;
  /** Pages of the transactions that count, in the order of (moment, id). */
  walk(range: TieOutRange): AsyncGenerator<readonly ListedTransaction[]>;
  /** The automatic payouts whose reconciliation is completed and whose `arrival_date` is in a half-open range. */
  reconciledPayouts(range: Pick<TieOutRange, "from" | "to">): Promise<readonly string[]>;
  /** The members of automatic payouts that count, without the payouts' own transactions. */
  members(payouts: readonly string[]): Promise<readonly ListedTransaction[]>;
  /** Sums by currency and category of the transactions that count. */
  sums(range: TieOutRange): Promise<readonly TieOutSum[]>;
  /** What customers paid by the ids of PaymentIntents, or of charges without one, as their events state it. */
  customerPayments(objects: readonly string[]): Promise<ReadonlyMap<string, CustomerPayment>>;
};

const pageSize = 5_000;
const selected = `${counts} and ($7::text is null or currency = $7) and ($8::text is null or reporting_category = $8)
  and ($9::boolean is null or (reporting_category in ('payout', 'payout_reversal')) = $9)`;

// A round may have begun before the first event of its source was recorded.
const extentText = `
  select ${momentText("max(complete_from)")} as complete_from,
    case when count(*) = count(complete_through) then ${momentText("min(complete_through)")} end as complete_through,
    count(*) > 0 or exists (select from ${transactionsInScope} as known) as synced
  from takings.balance_syncs left join takings.sources on name = source
  where livemode = $2 and ($4 = '*' or source = $4) and ${isChosenAccount("$3")}`;

const byIdText = `
  with known as (select * from ${transactionsInScope} as version where id = any ($5))
  select ${comparedColumns}, ${payoutColumns("member")}, ${payoutColumns("source")} from known
  left join ${payoutsAsOf} as member_payout on member_payout.id = known.payout and
    ${isOfScopeOfKnown("member_payout")}
  left join ${payoutsAsOf} as source_payout on source_payout.id = known.source_id and
    ${isOfScopeOfKnown("source_payout")}`;

/** Each part of each source is sorted and limited by itself, so that all are read along their indexes, page after page. */
const walkText = `
  select ${listedColumns}
  from takings.sources
  cross join lateral (
    (${walkPart("takings.balance_transactions", "recorded_at <= $1")})
    union all
    (${walkPart("takings.balance_transactions_superseded", "recorded_at <= $1 and superseded_at > $1")})
  ) as known
  where ${isChosenSource("$4")}
  order by effective_at, id limit ${pageSize}`;

const reconciledPayoutsText = `
  select distinct id
  from takings.sources
  cross join lateral (
    select id from ${payoutsAsOf} as version
    where livemode = $2 and ${isInSource("$3")} and automatic and reconciliation_status = 'completed'
      and arrival_date >= to_timestamp($5) and arrival_date < to_timestamp($6)
  ) as payout
  where ${isChosenSource("$4")}
  order by id`;

const membersText = `
  select ${listedColumns} from ${transactionsInScope} as known
  where ${counts} and payout = any ($5)
    and (reporting_category = 'payout' and source_id = payout) is not true
  order by effective_at, id`;

const sumsText = `
  select currency, reporting_category,
    coalesce(sum(net) filter (where effective_at < to_timestamp($5)), 0)::text as starting_net,
    count(*) filter (where effective_at >= to_timestamp($5))::text as count,
    coalesce(sum(gross) filter (where effective_at >= to_timestamp($5)), 0)::text as gross,
    coalesce(sum(fee) filter (where effective_at >= to_timestamp($5)), 0)::text as fee,
    coalesce(sum(net) filter (where effective_at >= to_timestamp($5)), 0)::text as net
  from ${transactionsInScope} as version
  where effective_at < to_timestamp($6) and ${selected}
  group by currency, reporting_category order by currency, reporting_category`;

/** @throws TakingsError `invalid` for an id of several sources or accounts: a file does not say which it means. */
function byId(found: readonly TieOutTransaction[]): ReadonlyMap<string, TieOutTransaction> {
  const transactions = new Map<string, TieOutTransaction>();
  for (const transaction of found) {
    if (transactions.has(transaction.id)) {
      throw new TakingsError(
        "invalid",
        `${transaction.id} is known in several sources or accounts: name one with --source or --account`,
      );
    }
    transactions.set(transaction.id, transaction);
  }
  return transactions;
}

/**
 * Creates the reader of a scope, as of the safe read time. Needs the role `takings_reader`.
 * @throws TakingsError `unavailable` or `stale`
 */
export async function createTieOutReader(pool: Pool, scope: TieOutScope): Promise<TieOutReader> {
  const asOf = await readSafeReadTime(pool);
  const scoped = [asOf, scope.livemode, scope.account ?? "", scope.source];
  const read = <Row>(text: string, more: readonly unknown[], parse: (row: unknown) => Row): Promise<Row[]> =>
    runRead(pool, { what: "the balance ledger", text, values: [...scoped, ...more], parse });
  return {
    asOf,
    async extent() {
      const [extent] = await read(extentText, [], parseExtent);
      return extent ?? { synced: false, completeFrom: null, completeThrough: null };
    },
    transactions: async (ids) => byId(await read(byIdText, [ids], parseTransaction)),
    async *walk(range) {
      let [at, id] = [range.from, ""];
      for (;;) {
        const page = await read(walkText, [at, range.to, ...selection(range), id], parseListed);
        yield page;
        const last = page.at(-1);
        if (last === undefined || page.length < pageSize) return;
        [at, id] = [last.effectiveAt, last.id];
      }
    },
    reconciledPayouts: ({ from, to }) => read(reconciledPayoutsText, [from, to], parsePayoutId),
    members: (payouts) => read(membersText, [payouts], parseListed),
    sums: (range) => read(sumsText, [range.from, range.to, ...selection(range)], parseSum),
    async customerPayments(objects) {
      const paid = await read(customerPaymentsText, [objects], parsePayment);
      return new Map(
        paid.flatMap(({ object, amount, currency }) =>
          amount === undefined || currency === undefined ? [] : [[object, { amount, currency }] as const],
        ),
      );
    },
  };
}

function walkPart(table: string, isKnown: string): string {
  return `select * from (select ${versionColumns} from ${table} where ${isKnown}) as version
    where livemode = $2 and ${isInSource("$3")} and effective_at < to_timestamp($6)
      and (effective_at, id) > (to_timestamp($5), $10) and ${selected}
    order by effective_at, id limit ${pageSize}`;
}

/** Whether a payout is in the ledger of the transaction `known`. */
function isOfScopeOfKnown(payout: string): string {
  return `(${payout}.source, ${payout}.account, ${payout}.livemode) = (known.source, known.account, known.livemode)`;
}

function selection({ currency, reportingCategory, payouts }: TieOutRange): readonly unknown[] {
  return [currency ?? null, reportingCategory ?? null, payouts ?? null];
}
