import type { ListedTransaction, TieOutReader } from "@takings/postgres";
import { exponentOf, toMajor } from "@takings/domain";
import { compareCustomerPayment, compareTransaction, customerObjectOf } from "./compare-transaction.ts";
import { readPages } from "./csv-file.ts";
import { lastColumnOf, requireWholeRow } from "./cut-off.ts";
import type { Difference, Differences } from "./difference.ts";
import { createIdSet, type IdSet } from "./id-set.ts";
import { type Columns, type ReportName, type ReportRow, reportRow } from "./report.ts";
import type { TieOutRequest } from "./request.ts";

/** An itemized report, and where it is read and compared. */
export type ItemizedFile = {
  readonly path: string;
  readonly columns: Columns;
  readonly report: ReportName;
  readonly reader: TieOutReader;
  readonly request: TieOutRequest;
  readonly differences: Differences;
  /** See `InspectedFile`. */
  readonly openLine: number | undefined;
  readonly onRows: (rows: number) => void;
};

/** What a comparison of the rows saw. */
export type ComparedRows = {
  readonly ids: IdSet;
  /** The automatic payouts that the file names. */
  readonly payouts: ReadonlySet<string>;
  /** Rows whose transaction is known. */
  readonly known: number;
  /** Payments that were compared with their events, and those without an event. */
  readonly payments: number;
  readonly withoutEvent: number;
  /** The unknown id with which a file ends, if no line break follows it: it may be cut off there. */
  readonly openId: { readonly id: string; readonly line: number } | undefined;
};

/**
 * Compares each row with the transaction of its id, and with the payment of its customer.
 * @throws FileFault when a cell is not written as Stripe writes it.
 */
export async function compareRows(file: ItemizedFile): Promise<ComparedRows> {
  const ids = createIdSet();
  const payouts = new Set<string>();
  let [known, payments, withoutEvent, rows] = [0, 0, 0, 0];
  let openId: ComparedRows["openId"];
  for await (const page of readPages(file.path)) {
    const read = page.map((cells) => reportRow(cells, file.columns));
    const transactions = await file.reader.transactions(read.map(idOf));
    const objectOf = (row: ReportRow): string | undefined =>
      customerObjectOf(row, transactions.get(idOf(row)));
    const customers = await readCustomers(file, read.map(objectOf));
    for (const row of read) {
      const id = idOf(row);
      const payout = row.cell("automatic_payout_id") ?? "";
      if (payout !== "") payouts.add(payout);
      if (!ids.add(id)) {
        file.differences.add([{ line: row.line, id, kind: "duplicate", fileSays: id, ledgerSays: null }]);
        continue;
      }
      const transaction = transactions.get(id);
      if (transaction !== undefined) known += 1;
      const object = objectOf(row);
      const paid = object === undefined ? undefined : customers.get(object);
      if (paid !== undefined) payments += 1;
      else if (object !== undefined) withoutEvent += 1;
      const found =
        transaction === undefined
          ? [missingHere(row, id)]
          : compareTransaction(row, transaction, { report: file.report, clock: file.request.clock });
      const ofCustomer = paid === undefined ? [] : compareCustomerPayment(row, id, paid);
      if (row.line === file.openLine) {
        requireWholeRow([...found, ...ofCustomer], file.columns);
        const endsWithId = lastColumnOf(file.columns) === "balance_transaction_id";
        if (transaction === undefined && endsWithId) openId = { id, line: row.line };
      }
      file.differences.add([...found, ...ofCustomer]);
    }
    rows += page.length;
    file.onRows(rows);
  }
  return { ids, payouts, known, payments, withoutEvent, openId };
}

/** Compares each payment with its events only, where there is no balance ledger. */
export async function compareCustomers(file: ItemizedFile): Promise<{ readonly payments: number }> {
  let [payments, rows] = [0, 0];
  for await (const page of readPages(file.path)) {
    const read = page.map((cells) => reportRow(cells, file.columns));
    const objectOf = (row: ReportRow): string | undefined => customerObjectOf(row, undefined);
    const customers = await readCustomers(file, read.map(objectOf));
    for (const row of read) {
      const object = objectOf(row);
      if (object === undefined) continue;
      const paid = customers.get(object);
      if (paid !== undefined) payments += 1;
      const fileSays = row.cell("customer_facing_amount") ?? null;
      const found: readonly Difference[] =
        paid === undefined
          ? [{ line: row.line, id: idOf(row), kind: "missing_here", fileSays, ledgerSays: null }]
          : compareCustomerPayment(row, idOf(row), paid);
      if (row.line === file.openLine) requireWholeRow(found, file.columns);
      file.differences.add(found);
    }
    rows += page.length;
    file.onRows(rows);
  }
  return { payments };
}

function readCustomers(
  { reader }: ItemizedFile,
  wanted: readonly (string | undefined)[],
): ReturnType<TieOutReader["customerPayments"]> {
  const objects = wanted.filter((object) => object !== undefined);
  return objects.length === 0 ? Promise.resolve(new Map()) : reader.customerPayments(objects);
}

function idOf(row: ReportRow): string {
  return row.cell("balance_transaction_id") ?? "";
}

function missingHere(row: ReportRow, id: string): Difference {
  const fileSays = row.cell("net") ?? row.cell("gross") ?? null;
  return { line: row.line, id, kind: "missing_here", fileSays, ledgerSays: null };
}

/** A transaction that the report should contain. */
export function missingThere({ id, net, currency }: ListedTransaction): Difference {
  const ledgerSays = toMajor(net, exponentOf(currency));
  return { line: null, id, kind: "missing_there", fileSays: null, ledgerSays };
}
