import { chosenSources, noMode, unit } from "./dashboard-sql.ts";

// SQL of the dashboard of the balance ledger. It runs as the role takings_reader and reads the sums of blocks of time,
// so its cost does not grow with the ledger. What the last moments added is missing; revenue-query is exact.

const ledgers = `livemode = nullif(\${livemode:sqlstring}, '${noMode}')::boolean and ${chosenSources}`;
/** The mode, the source and the account of the variables; the account is empty for the platform and `*` for all. */
const chosen = `${ledgers} and (\${account:sqlstring} = '*' or account = \${account:sqlstring})`;
/** The sums of all accounts are rows of their own. */
const chosenSums = `${ledgers} and account = \${account:sqlstring}`;

/** The blocks that add up to everything before the ten minutes of an instant: few of each level, and all of the largest. */
const blocksUntil = (instant: string): string => {
  const levels = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((level) => {
    const from = level === 10 ? "" : ` and start >= takings.balance_block(${level + 1}, ${instant})`;
    return `  select * from takings.balance_rollup where ${chosenSums} and level = ${level}
    and start < takings.balance_block(${level}, ${instant})${from}`;
  });
  return `(\n${levels.join("\n  union all\n")}\n) as blocks`;
};

/** The balance at the beginning of these ten minutes, in major units. */
export const balanceNow = `select currency,
  sum(net - pending) / ${unit} as available,
  sum(pending) / ${unit} as pending,
  sum(net) / ${unit} as total,
  sum(transit) / ${unit} as "in transit"
from ${blocksUntil("now()")}
group by currency
order by currency`;

/** Fees withheld from transactions, and those that Stripe charges as transactions of their own. */
const fees = "sum(fee) - coalesce(sum(net) filter (where reporting_category = 'fee'), 0)";
const charges = "sum(gross) filter (where reporting_category = 'charge')";
/** Blocks of an hour and a half, 16 a day. */
const blocks = `takings.balance_rollup where ${chosenSums} and level = 2`;

/** The blocks of the selected time range, from the one in which it begins. */
const blocksOfRange = `${blocks}
  and start >= takings.balance_block(2, $__timeFrom()::timestamptz) and start <= least($__timeTo()::timestamptz, now())`;

/** The total at the end of each block of the selected time range. */
export const totalOverTime = `select time, currency as metric,
  sum(net) over (partition by currency order by time) / ${unit} as total
from (
  select takings.balance_block(2, $__timeFrom()::timestamptz) as time, currency, sum(net) as net
  from ${blocksUntil("takings.balance_block(2, $__timeFrom()::timestamptz)")}
  group by currency
  union all
  select least(start + interval '90 minutes', now()), currency, sum(net)
  from ${blocksOfRange}
  group by start, currency
) as changes
order by time, currency`;

/** Fees of the last 30 days as a share of the charges, by currency. */
export const feeShare = `select currency, ${charges} / ${unit} as charges, (${fees}) / ${unit} as fees,
  (${fees}) / nullif(${charges}, 0) as share
from ${blocks}
  and start >= takings.balance_block(2, now() - interval '30 days') and start <= now()
group by currency
order by currency`;

/** The same by day of the selected time range. */
export const feeShareByDay = `select date_bin('1 day', start, '2000-01-01 00:00:00Z') as time, currency as metric,
  (${fees}) / nullif(${charges}, 0) as share
from ${blocksOfRange}
group by 1, 2
having ${charges} > 0
order by 1, 2`;

/** Payouts on their way, the next one first. */
export const nextPayouts = `select arrival_date, amount / ${unit} as amount, currency, status, id as payout,
  source, account
from takings.payouts
where ${chosen} and status in ('pending', 'in_transit') and arrival_date > now() - interval '30 days'
order by arrival_date, id
limit 50`;

/** Payouts of the last 90 days whose members add up to another amount, as the gauge counts them. */
export const unexplainedPayouts = `select arrival_date, amount / ${unit} as amount,
  (amount - members.net) / ${unit} as unexplained, currency, id as payout, source, account
from takings.payouts as payout
cross join lateral (
  select coalesce(sum(net), 0) as net from takings.payout_totals as total
  where total.payout = payout.id and total.source = payout.source and total.account = payout.account
    and total.livemode = payout.livemode
) as members
where ${chosen} and arrival_date > now() - interval '90 days'
  and automatic and reconciliation_status = 'completed' and members is not null and amount <> members.net
  and recorded_at <= (select watermark from takings.balance_watermark)
order by arrival_date desc, id
limit 100`;

/** How far each account is complete. */
export const completeness = `select source, account, complete_from, complete_through,
  extract(epoch from now() - complete_through)::float8 as age
from takings.balance_syncs
where ${chosen}
order by complete_through nulls first, source, account
limit 100`;
