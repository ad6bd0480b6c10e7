import type { BalanceActivity, BalanceScope, CategoryTotal, CurrencyBalance, Moment } from "@takings/domain";
import type { Pool } from "pg";
import { z } from "zod";
import { runRead } from "../session/run-read.ts";
import { transactionFields } from "./transaction-columns.ts";

/** The transactions that have a point between `block_start` and `edge.at`; each arm has an index. */
const near = `
  effective_at >= block_start and effective_at < edge.at
  or available_on > block_start and available_on <= edge.at
  or effective_at > created and created >= block_start and created < edge.at`;

/** A transaction as one value, made of columns where it is needed: a stored row as a value is slow to take apart. */
const nearTransaction = `(${transactionFields.replaceAll(/\w+/g, "near.$&")})::takings.balance_transactions`;

const sums = "currency, reporting_category, count, gross, fee, net, pending, transit, transits";

// What had been counted up to each of the instants `$4`, numbered from 1, as of `$1`, for each source: the blocks of the rollup
// that add up to it; of the ten minutes that it is in, the transactions themselves;
// and the deltas that the rollup does not contain yet, or, as of a time before its watermark, what was recorded in
// between, which is taken back. The upper bound of `superseded_at` tells the planner that few rows match: of an open range
// it assumes a third of the table. For the same reason the recorded time of near transactions is
// compared outside. Each answer adds up only the columns it needs, because adding takes most of the time.
const template = `
  with chosen as materialized (
    select name as source, case when $3::text = stripe_account_id then '' else $3::text end as whose
    from takings.sources
    where $6::text = '*' or name = $6::text
  ),
  edge as materialized (
    select number, at, takings.balance_block(0, at) as block_start
    from unnest($4::timestamptz[]) with ordinality as edge (at, number)
  ),
  superseded as materialized (
    select ${transactionFields}
    from takings.balance_transactions_superseded join chosen using (source)
    where superseded_at > $1::timestamptz and superseded_at < 'infinity' and recorded_at <= $1::timestamptz
      and livemode = $2::boolean {of account}
  ),
  since_rollup as (
    select at, ${sums}
    from takings.balance_deltas join chosen using (source)
    where recorded_at <= $1::timestamptz and livemode = $2::boolean {of account}
    union all
    select at, currency, reporting_category, -count, -gross, -fee, -net, -pending, -transit, -transits
    from takings.balance_watermark
    cross join lateral takings.balance_changes($1::timestamptz, watermark) as change
    join chosen using (source)
    where livemode = $2::boolean {of account}
  ),
  part (number, ${sums}) as (
    select number, currency, reporting_category, sign * count, sign * gross, sign * fee, sign * net, sign * pending,
      sign * transit, sign * transits
    from chosen
    cross join edge
    cross join lateral takings.balance_steps(edge.at) as step
    cross join lateral (
      select ${sums}
      from takings.balance_rollup as block
      where livemode = $2::boolean and block.source = chosen.source and account = whose
        and block.level = step.level and block.start >= step.start and block.start < step.until
      offset 0
    ) as block
    union all
    select number, point.currency, point.reporting_category, count, point.gross, point.fee, point.net, pending,
      transit, transits
    from chosen
    cross join edge
    cross join lateral (
      select ${transactionFields} from takings.balance_transactions as known
      where livemode = $2::boolean and known.source = chosen.source {of account} and (${near})
      union all
      select * from superseded where superseded.source = chosen.source and (${near})
      offset 0
    ) as near
    cross join lateral takings.balance_points(${nearTransaction}, 1) as point
    where near.recorded_at <= $1::timestamptz and point.at >= block_start and point.at < edge.at
    union all
    select number, ${sums} from edge join since_rollup on since_rollup.at < block_start
  )
  select number::integer, currency, {columns}
  from part
  where $5::text is null or currency = $5::text
  group by number, currency {categories}`;

const balanceText = template
  .replace(
    "{columns}",
    `sum(count)::text as count, sum(net)::text as net, sum(pending)::text as pending, sum(transit)::text as transit,
     sum(transits)::text as transits`,
  )
  .replace("{categories}", "");
const activityText = template
  .replace(
    "{columns}",
    "reporting_category, sum(count)::text as count, sum(gross)::text as gross, sum(net)::text as net",
  )
  .replace("{categories}", ", reporting_category");

const amount = z.string().transform(BigInt);
const balanceRow = z.object({
  currency: z.string(),
  count: z.coerce.number(),
  net: amount,
  pending: amount,
  transit: amount,
  transits: z.coerce.number(),
});
const activityRow = z.object({
  number: z.int(),
  currency: z.string(),
  reporting_category: z.string(),
  count: z.coerce.number(),
  gross: amount,
  net: amount,
});
type Activity = z.output<typeof activityRow>;

/**
 * Reads what had been counted up to each of the instants. There is one text for one account and one for all, so that plans
 * can be kept: planning would take longer than execution.
 */
function readSumsUpTo<Row>(
  pool: Pool,
  scope: BalanceScope,
  instants: readonly Moment[],
  wanted: { readonly what: string; readonly text: string; readonly row: z.ZodType<Row> },
): Promise<Row[]> {
  const account = scope.account ?? "";
  const isAll = account === "*";
  return runRead(pool, {
    what: wanted.what,
    name: `${wanted.what} of ${isAll ? "all" : "one"}`,
    text: wanted.text.replaceAll("{of account}", isAll ? "" : "and account = whose"),
    values: [scope.asOf, scope.livemode, account, instants, scope.currency ?? null, scope.source],
    parse: (row) => wanted.row.parse(row),
  });
}

/**
 * See `BalanceReader.balances`.
 * @throws TakingsError `unavailable`
 */
export async function readBalances(pool: Pool, scope: BalanceScope, at: Moment): Promise<CurrencyBalance[]> {
  const wanted = { what: "balances", text: balanceText, row: balanceRow };
  const found = await readSumsUpTo(pool, scope, [at], wanted);
  return found
    .filter(({ count, transits }) => count !== 0 || transits !== 0)
    .map(({ currency, net: total, pending, transit: inTransit }) => ({
      currency,
      available: total - pending,
      pending,
      total,
      inTransit,
    }))
    .toSorted((a, b) => (a.currency < b.currency ? -1 : 1));
}

/**
 * See `BalanceReader.activity`.
 * @throws TakingsError `unavailable`
 */
export async function readActivity(
  pool: Pool,
  scope: BalanceScope,
  range: { readonly from: Moment | undefined; readonly to: Moment | undefined },
): Promise<BalanceActivity[]> {
  const edges = [range.from ?? "-infinity", range.to ?? "infinity"];
  const wanted = { what: "balance activity", text: activityText, row: activityRow };
  const found = (await readSumsUpTo(pool, scope, edges, wanted)).toSorted((a, b) =>
    nameOf(a) < nameOf(b) ? -1 : 1,
  );
  const byCurrency = Map.groupBy(found, ({ currency }) => currency);
  return [...byCurrency].flatMap(([currency, sums]) => {
    const startingBalance = added(
      sums.filter(({ number }) => number === 1),
      ({ net }) => net,
    );
    const byCategory = Map.groupBy(sums, ({ reporting_category: category }) => category);
    const categories = [...byCategory].map(categoryTotal).filter(({ count }) => count !== 0);
    if (startingBalance === 0n && categories.length === 0) return [];
    const endingBalance = startingBalance + added(categories, ({ net }) => net);
    return { currency, startingBalance, categories, endingBalance };
  });
}

/** What the sum up to the end of a range has more than the one up to its start. */
function categoryTotal([reportingCategory, edges]: readonly [string, readonly Activity[]]): CategoryTotal {
  const between = (of: (sum: Activity) => bigint): bigint =>
    added(edges, (sum) => (sum.number === 1 ? -of(sum) : of(sum)));
  const [gross, net] = [between((sum) => sum.gross), between((sum) => sum.net)];
  const count = Number(between((sum) => BigInt(sum.count)));
  return { reportingCategory, count, gross, fee: gross - net, net };
}

function nameOf({ currency, reporting_category: category }: Activity): string {
  return `${currency} ${category}`;
}

function added<Row>(rows: readonly Row[], of: (row: Row) => bigint): bigint {
  return rows.reduce((sum, row) => sum + of(row), 0n);
}
