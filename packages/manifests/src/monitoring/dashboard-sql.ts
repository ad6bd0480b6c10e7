import { unusualExponents } from "@takings/domain";

// SQL of the panels that show money. It runs as the role takings_reader. Anything that takes more than a line to derive
// comes from revenue-query instead.

const codesOf = (exponent: number): string =>
  [...unusualExponents]
    .filter(([, other]) => other === exponent)
    .map(([code]) => `'${code}'`)
    .toSorted()
    .join(", ");

/** One major unit in minor units. Amounts are integers; numeric arithmetic keeps them exact. */
export const unit: string = `power(10::numeric, case when currency in (${codesOf(0)}) then 0
        when currency in (${codesOf(3)}) then 3 else 2 end)`;

/** Net of the entries in major units. */
const net = (condition: string): string => `coalesce(sum(amount) filter (where ${condition}), 0)
    / ${unit}`;

/** The value of the variable `livemode` while there is nothing of either mode. */
export const noMode = "none";

/**
 * The modes that have ledger entries or a balance, live mode first. There is always a row, because Grafana 13 takes no rows as an
 * error: packages/grafana-sql/src/SQLVariableUtils.ts.
 */
export const livemodes = `select mode::text as livemode
from (values (true), (false)) as modes (mode)
where exists (select from takings.ledger where livemode = mode)
  or exists (select from takings.balance_syncs where livemode = mode)
union all
select '${noMode}' where not exists (select from takings.ledger) and not exists (select from takings.balance_syncs)
order by livemode desc`;

/** The sources to choose from: `default`, which is first, all of them, and each other one. */
export const sourceNames = `select source
from (select name as source from takings.sources union all select '*') as choice
order by source <> 'default', source <> '*', source`;

/** The source of the variable, `*` for all. Indexes begin with the source, so each chosen one is named. */
export const chosenSources =
  "source = any(array(select name from takings.sources where ${source:sqlstring} in ('*', name)))";

/** The mode, the source and the account of the variables; the account is empty for the platform and `*` for all. */
const chosen = `livemode = nullif(\${livemode:sqlstring}, '${noMode}')::boolean and ${chosenSources}
  and (\${account:sqlstring} = '*' or account = \${account:sqlstring})`;

const thisHour = "occurred_at > now() - interval '1 hour'";
const thatHour =
  "occurred_at > now() - interval '7 days 1 hour' and occurred_at <= now() - interval '7 days'";

/** Net of the last 60 minutes and of the same 60 minutes a week ago, by currency. */
export const hourAgainstLastWeek = `select currency,
  ${net(thisHour)} as "last 60 minutes",
  ${net(thatHour)} as "a week ago"
from takings.ledger
where ${chosen} and (${thisHour} or (${thatHour}))
group by currency
order by currency`;

/** Net by hour and currency. `netByHourLastWeek` has the same hours of the week before, shifted by seven days. */
export const netByHour = `select date_bin('1 hour', occurred_at, '2000-01-01') as time, currency as metric,
  ${net("true")} as net
from takings.ledger
where ${chosen} and $__timeFilter(occurred_at)
group by 1, 2
order by 1, 2`;

export const netByHourLastWeek = `select date_bin('1 hour', occurred_at, '2000-01-01') + interval '7 days' as time,
  currency || ' a week earlier' as metric, ${net("true")} as net
from takings.ledger
where ${chosen}
  and occurred_at between $__timeFrom()::timestamptz - interval '7 days' and $__timeTo()::timestamptz - interval '7 days'
group by 1, currency
order by 1, 2`;

export const quarantined = `select event_id, source, type, created, reason
from takings.events
where status = 'quarantined' and $__timeFilter(created)
order by created desc
limit 100`;

export const oneEvent = `select event_id, source, type, created, received_at, recorded_at, status, reason,
  extract(epoch from recorded_at - created)::float8 as freshness
from takings.events
where event_id = \${event_id:sqlstring}
order by source`;

export const entriesOfEvent = `select event_id, source, kind, object_id, payment_intent, amount as "minor units", currency, occurred_at
from takings.ledger
where event_id = \${event_id:sqlstring}
order by source, id`;

export const tableSizes = `select relname as "table", pg_total_relation_size(relid) as bytes, n_live_tup as rows,
  n_dead_tup as "dead rows", last_autovacuum
from pg_stat_user_tables
where schemaname = 'takings'
order by 2 desc`;
