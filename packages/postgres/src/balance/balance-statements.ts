import type { Statement } from "../session/replaced-query.ts";
import {
  type ColumnTypes,
  incomingRows,
  payoutColumnTypes,
  transactionColumnTypes,
} from "./incoming-rows.ts";
import { transactionFields } from "./transaction-columns.ts";

/** The columns that an update changes. Amounts, currency and creation of a balance transaction are not among them. */
const transactionUpdates = [
  "type",
  "reporting_category",
  "available_on",
  "status",
  "balance_type",
  "description",
  "source_id",
  "payout",
  "effective_at",
  "event_id",
  "said_at",
  "said_received_at",
  "payout_event_id",
  "payout_said_at",
  "payout_said_received_at",
];
const payoutUpdates = [
  "amount",
  "currency",
  "status",
  "automatic",
  "arrival_date",
  "created",
  "trace_id",
  "reconciliation_status",
  "members",
  "event_id",
  "said_at",
  "said_received_at",
  "members_event_id",
  "members_said_at",
  "members_said_received_at",
];

const assignments = (columns: readonly string[]): string =>
  `${columns.map((column) => `${column} = incoming.${column}`).join(", ")},
    recorded_at = greatest(known.recorded_at, incoming.recorded_at)`;

/** A version as one value, made of columns where it is needed: a stored row as a value is slow to take apart. */
const version = `(${transactionFields.replaceAll(/\w+/g, "version.$&")})::takings.balance_transactions`;

/**
 * What changed rows add to totals: `versions` are rows with the columns of a transaction, their `sign`, and when it was
 * `changed_at`. Blocks of ten minutes are exact enough: within one, totals are read from the rows.
 */
const deltasOf = (versions: string): string => `
  insert into takings.balance_deltas
  select changed_at, livemode, source, account, point.currency, point.reporting_category, block_start, point.payout,
    sum(point.count), sum(point.gross), sum(point.fee), sum(point.net), sum(point.pending), sum(point.transit),
    sum(point.transits)
  from (${versions}) as version
  cross join lateral takings.balance_points(${version}, sign) as point
  cross join lateral (values (takings.balance_block(0, point.at))) as at (block_start)
  group by changed_at, livemode, source, account, point.currency, point.reporting_category, block_start, point.payout
  having (
    sum(point.count), sum(point.gross), sum(point.fee), sum(point.net), sum(point.pending), sum(point.transit),
    sum(point.transits)
  ) <> (0, 0, 0, 0, 0, 0, 0)`;

const deltas = (versions: string): string => `,
  deltas as (${deltasOf(versions)})`;

/** @param further table expressions that use `written`. */
const insertText = (table: string, types: ColumnTypes, returned: string, further = ""): string => `
  with written as (
    insert into takings.${table}
    select * from ${incomingRows(types)}
    on conflict (id, source, account, livemode) do nothing
    returning ${returned}
  )${further}
  select count(*)::integer as written from written`;

/** As {@link insertText}. The planner must not read the whole table, so the text is planned each time. */
const updateText = (table: string, types: ColumnTypes, changed: readonly string[], further = ""): string => `
  with written as (
    update takings.${table} as known
    set ${assignments(changed)}
    from ${incomingRows(types)}
    where (known.id, known.source, known.account, known.livemode)
      = (incoming.id, incoming.source, incoming.account, incoming.livemode)
    returning old as before, new as after
  ),
  history as (
    insert into takings.${table}_superseded select (before).*, (after).recorded_at from written
  )${further}
  select count(*)::integer as written from written`;

const insertedVersions = "select *, 1 as sign, recorded_at as changed_at from written";
const updatedVersions = `
  select (before).*, -1 as sign, (after).recorded_at as changed_at from written
  union all
  select (after).*, 1, (after).recorded_at from written`;

/** How rows of one table are written. `insert` and `update` return how many rows they have written. */
export type BalanceStatements = {
  readonly types: ColumnTypes;
  /** Named where its plan does not depend on its values. */
  readonly insert: Statement;
  readonly update: Statement;
  readonly retract: string;
};

export const transactionStatements: BalanceStatements = {
  types: transactionColumnTypes,
  insert: {
    name: "insert-balance-transactions",
    text: insertText(
      "balance_transactions",
      transactionColumnTypes,
      transactionFields,
      deltas(insertedVersions),
    ),
  },
  update: {
    text: updateText(
      "balance_transactions",
      transactionColumnTypes,
      transactionUpdates,
      deltas(updatedVersions),
    ),
  },
  retract: "select takings.retract_balance_transactions($1, $2, $3, $4, $5)",
};

export const payoutStatements: BalanceStatements = {
  types: payoutColumnTypes,
  insert: { name: "insert-payouts", text: insertText("payouts", payoutColumnTypes, "id") },
  update: { text: updateText("payouts", payoutColumnTypes, payoutUpdates) },
  retract: "select takings.retract_payouts($1, $2, $3, $4, $5)",
};
