import { isDeepStrictEqual } from "node:util";
import type { Moment } from "@takings/domain";
import type { ClientBase } from "pg";
import { RestartTransactionError } from "../session/restart-transaction.ts";
import { payoutRowOf, type RowJson, type StoredTransaction, transactionRowOf } from "./balance-rows.ts";
import type { PayoutState } from "./fold.ts";

/** A row before and after a change; `undefined` where there is none. */
export type RowChange<T> = { readonly before: T | undefined; readonly after: T | undefined };

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

/**
 * What changed rows add to totals. Quarters of an hour are exact enough: within one, totals are read from the rows.
 */
const deltasOf = (changed: string): string => `
  insert into takings.balance_deltas
  select recorded_at, livemode, source, account, point.currency, point.reporting_category, block_start, point.payout,
    sum(point.count), sum(point.gross), sum(point.fee), sum(point.net), sum(point.pending), sum(point.transit),
    sum(point.transits)
  from (${changed}) as changed (transaction, sign, recorded_at, livemode, source, account)
  cross join lateral takings.balance_points(transaction, sign) as point
  cross join lateral (values (takings.balance_block(0, point.at))) as at (block_start)
  group by recorded_at, livemode, source, account, point.currency, point.reporting_category, block_start, point.payout
  having (
    sum(point.count), sum(point.gross), sum(point.fee), sum(point.net), sum(point.pending), sum(point.transit),
    sum(point.transits)
  ) <> (0, 0, 0, 0, 0, 0, 0)`;

const insertTransactionsText = `
  with written as (
    insert into takings.balance_transactions as known
    select incoming.* from json_populate_recordset(null::takings.balance_transactions, $1::json) as incoming
    on conflict (id, source, account, livemode) do nothing
    returning known as row
  ),
  deltas as (
    ${deltasOf("select row, 1, (row).recorded_at, (row).livemode, (row).source, (row).account from written")}
  )
  select count(*)::integer as written from written`;

// The planner must not read the whole table, so the text is planned each time.
const updateTransactionsText = `
  with written as (
    update takings.balance_transactions as known
    set ${assignments(transactionUpdates)}
    from json_populate_recordset(null::takings.balance_transactions, $1::json) as incoming
    where (known.id, known.source, known.account, known.livemode)
      = (incoming.id, incoming.source, incoming.account, incoming.livemode)
    returning old as before, new as after
  ),
  history as (
    insert into takings.balance_transactions_superseded
    select (before).*, (after).recorded_at from written
  ),
  deltas as (
    ${deltasOf(`
      select before, -1, (after).recorded_at, (after).livemode, (after).source, (after).account from written
      union all
      select after, 1, (after).recorded_at, (after).livemode, (after).source, (after).account from written`)}
  )
  select count(*)::integer as written from written`;

const insertPayoutsText = `
  with written as (
    insert into takings.payouts
    select incoming.* from json_populate_recordset(null::takings.payouts, $1::json) as incoming
    on conflict (id, source, account, livemode) do nothing
    returning id
  )
  select count(*)::integer as written from written`;

const updatePayoutsText = `
  with written as (
    update takings.payouts as known
    set ${assignments(payoutUpdates)}
    from json_populate_recordset(null::takings.payouts, $1::json) as incoming
    where (known.id, known.source, known.account, known.livemode)
      = (incoming.id, incoming.source, incoming.account, incoming.livemode)
    returning old as before, new as after
  ),
  history as (
    insert into takings.payouts_superseded select (before).*, (after).recorded_at from written
  )
  select count(*)::integer as written from written`;

/**
 * Writes balance transactions, their previous versions and what they add to totals. The client's open transaction must
 * hold their locks and have begun its recording after that.
 * @throws RestartTransactionError when another session has inserted one of them meanwhile.
 */
export async function writeTransactions(
  client: ClientBase,
  changes: readonly RowChange<StoredTransaction>[],
  recordedAt: Moment,
): Promise<void> {
  const { inserted, updated, retracted } = sorted(changes, transactionRowOf, recordedAt, isSameAmounts);
  await retract(
    client,
    "select takings.retract_balance_transactions($1, $2, $3, $4, $5)",
    retracted,
    recordedAt,
  );
  await write(client, insertTransactionsText, inserted);
  await write(client, updateTransactionsText, updated);
}

/** As {@link writeTransactions}, for payouts. */
export async function writePayouts(
  client: ClientBase,
  changes: readonly RowChange<PayoutState>[],
  recordedAt: Moment,
): Promise<void> {
  const { inserted, updated, retracted } = sorted(changes, payoutRowOf, recordedAt, () => true);
  await retract(client, "select takings.retract_payouts($1, $2, $3, $4, $5)", retracted, recordedAt);
  await write(client, insertPayoutsText, inserted);
  await write(client, updatePayoutsText, updated);
}

/** An update cannot change amounts, so a transaction with wrong ones is retracted first. */
function isSameAmounts(before: RowJson, after: RowJson): boolean {
  return ["gross", "fee", "net", "currency", "created"].every((name) =>
    isDeepStrictEqual(before[name], after[name]),
  );
}

type SortedRows = {
  readonly inserted: readonly RowJson[];
  readonly updated: readonly RowJson[];
  readonly retracted: readonly RowJson[];
};

function sorted<T>(
  changes: readonly RowChange<T>[],
  rowOf: (state: T) => RowJson,
  recordedAt: Moment,
  isUpdatable: (before: RowJson, after: RowJson) => boolean,
): SortedRows {
  const rows = { inserted: [] as RowJson[], updated: [] as RowJson[], retracted: [] as RowJson[] };
  for (const change of changes) {
    const before = change.before && rowOf(change.before);
    const after = change.after && { ...rowOf(change.after), recorded_at: recordedAt };
    if (before !== undefined && after !== undefined && isUpdatable(before, after)) {
      rows.updated.push(after);
      continue;
    }
    if (before !== undefined) rows.retracted.push(before);
    if (after !== undefined) rows.inserted.push(after);
  }
  // Always in the same order, so that two sessions that insert some of the same rows wait for each other and do not
  // deadlock.
  return { ...rows, inserted: rows.inserted.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)) };
}

function keyOf({ id, source, account, livemode }: RowJson): string {
  return [id, source, account, livemode].join(" ");
}

async function write(client: ClientBase, text: string, rows: readonly RowJson[]): Promise<void> {
  if (rows.length === 0) return;
  const { rows: results } = await client.query<{ written: number }>(text, [JSON.stringify(rows)]);
  if (results[0]?.written !== rows.length)
    throw new RestartTransactionError("another session has recorded the same balance transaction or payout");
}

async function retract(
  client: ClientBase,
  text: string,
  rows: readonly RowJson[],
  recordedAt: Moment,
): Promise<void> {
  if (rows.length === 0) return;
  const of = (name: string): unknown[] => rows.map((row) => row[name]);
  await client.query(text, [of("id"), of("source"), of("account"), of("livemode"), recordedAt]);
}
