import { isChosenSource, isInSource } from "../columns/scope-conditions.ts";

// The parts of the statements of the tie-out. `$1` is the recorded time as of which they read; `$2` to `$4` are the mode, the
// account and the source of the scope.

/** The columns of a version of a transaction that are read. */
export const versionColumns = `id, source, account, livemode, type, reporting_category, currency, gross, fee, net,
  created, available_on, balance_type, source_id, payout, effective_at`;

/** The transactions of the scope as they were known at the recorded time `$1`. */
export const transactionsInScope = `(
  select version.*
  from takings.sources
  cross join lateral (
    select ${versionColumns} from takings.balance_transactions
    where recorded_at <= $1 and livemode = $2 and ${isInSource("$3")}
    union all
    select ${versionColumns} from takings.balance_transactions_superseded
    where recorded_at <= $1 and superseded_at > $1 and livemode = $2 and ${isInSource("$3")}
  ) as version
  where ${isChosenSource("$4")})`;

const payoutVersionColumns = `id, source, account, livemode, status, automatic, reconciliation_status, trace_id,
  arrival_date`;

/** The payouts as they were known at the recorded time `$1`. */
export const payoutsAsOf = `(
  select ${payoutVersionColumns} from takings.payouts where recorded_at <= $1
  union all
  select ${payoutVersionColumns} from takings.payouts_superseded
  where recorded_at <= $1 and superseded_at > $1)`;

/** Only these are part of the balance: docs/decisions/0042. Without a function the planner can estimate it. */
export const counts = "(balance_type is null or balance_type = 'payments')";

/** The columns that `parseTransaction` reads of `transactionsInScope`, which the statement names `known`. */
export const comparedColumns = `known.id, known.currency, known.gross::text, known.fee::text, known.net::text,
  known.reporting_category, known.source_id, known.payout, ${seconds("known.created")} as created_seconds,
  ${seconds("known.available_on")} as available_seconds, ${seconds("known.effective_at")} as effective_seconds`;

/** The columns that `parseListed` reads of `transactionsInScope`, which the statement names `known`. */
export const listedColumns = `known.id, known.currency, known.net::text, known.reporting_category,
  ${seconds("known.effective_at")} as effective_seconds`;

/** The columns of `member_payout` or `source_payout` that `parseTransaction` reads where they are given. */
export function payoutColumns(which: "member" | "source"): string {
  const arrival = seconds(`${which}_payout.arrival_date`);
  return `case when ${which}_payout.id is not null then jsonb_build_object('status', ${which}_payout.status,
    'traceId', ${which}_payout.trace_id, 'arrivalDate', ${arrival}) end as ${which}_payout`;
}

/** Whole seconds since 1970, which the driver reads as a number. */
function seconds(column: string): string {
  return `floor(extract(epoch from ${column}))::float8`;
}
