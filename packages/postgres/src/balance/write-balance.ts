import { isDeepStrictEqual } from "node:util";
import type { Moment } from "@takings/domain";
import type { ClientBase } from "pg";
import { RestartTransactionError } from "../session/restart-transaction.ts";
import { type BalanceStatements, payoutStatements, transactionStatements } from "./balance-statements.ts";
import { payoutRowOf, type RowJson, type StoredTransaction, transactionRowOf } from "./balance-rows.ts";
import type { PayoutState } from "./fold.ts";
import { incomingValues } from "./incoming-rows.ts";

/** A row before and after a change; `undefined` where there is none. */
export type RowChange<T> = { readonly before: T | undefined; readonly after: T | undefined };

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
  const rows = sorted(changes, transactionRowOf, isSameAmounts);
  await write(client, transactionStatements, rows, recordedAt);
}

/** As {@link writeTransactions}, for payouts. */
export async function writePayouts(
  client: ClientBase,
  changes: readonly RowChange<PayoutState>[],
  recordedAt: Moment,
): Promise<void> {
  await write(
    client,
    payoutStatements,
    sorted(changes, payoutRowOf, () => true),
    recordedAt,
  );
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
  isUpdatable: (before: RowJson, after: RowJson) => boolean,
): SortedRows {
  const rows = { inserted: [] as RowJson[], updated: [] as RowJson[], retracted: [] as RowJson[] };
  for (const change of changes) {
    const before = change.before && rowOf(change.before);
    const after = change.after && rowOf(change.after);
    if (before !== undefined && after !== undefined && isUpdatable(before, after)) {
      rows.updated.push(after);
      continue;
    }
    if (before !== undefined) rows.retracted.push(before);
    if (after !== undefined) rows.inserted.push(after);
  }
  return { ...rows, inserted: inOrderOfKeys(rows.inserted) };
}

/** Always the same, so that two sessions that insert some of the same rows wait for each other and do not deadlock. */
function inOrderOfKeys(rows: readonly RowJson[]): readonly RowJson[] {
  return rows
    .map((row) => ({ row, key: keyOf(row) }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ row }) => row);
}

function keyOf({ id, source, account, livemode }: RowJson): string {
  return [id, source, account, livemode].join(" ");
}

async function write(
  client: ClientBase,
  { types, insert, update, retract }: BalanceStatements,
  { inserted, updated, retracted }: SortedRows,
  recordedAt: Moment,
): Promise<void> {
  if (retracted.length > 0) {
    const of = (name: string): unknown[] => retracted.map((row) => row[name]);
    await client.query(retract, [of("id"), of("source"), of("account"), of("livemode"), recordedAt]);
  }
  for (const [statement, rows] of [[insert, inserted] as const, [update, updated] as const]) {
    if (rows.length === 0) continue;
    const values = [...incomingValues(types, rows, recordedAt)];
    const { rows: results } = await client.query<{ written: number }>({ ...statement, values });
    if (results[0]?.written !== rows.length)
      throw new RestartTransactionError(
        "another session has recorded the same balance transaction or payout",
      );
  }
}
