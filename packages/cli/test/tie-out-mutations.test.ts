import { expect } from "chai";
import fc from "fast-check";
import { after, before, describe, it } from "mocha";
import type { SeededPayout, SeededTransaction } from "./balance-ledger.ts";
import { csv } from "./report-files.ts";
import { type TieOutRunner, tieOutRunner } from "./tie-out-runner.ts";

/** How many mutations are tried. A thousand take a minute. */
const cases = Number(process.env["FUZZ_CASES"] ?? 12);

const exponents = { usd: 2, eur: 2, jpy: 0, kwd: 3 } as const;
const currencies = Object.keys(exponents) as (keyof typeof exponents)[];
const categories = ["charge", "refund", "dispute", "fee", "unknown_to_us"];
const firstSecond = Date.parse("2026-09-01T00:00:00Z") / 1_000;

function timeText(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().slice(0, 19).replace("T", " ");
}

/** Written by dividing text, unlike the code that is tested. */
function major(minor: bigint, currency: keyof typeof exponents): string {
  const exponent = exponents[currency];
  const digits = String(minor)
    .replace("-", "")
    .padStart(exponent + 1, "0");
  const fraction = exponent === 0 ? "" : `.${digits.slice(-exponent)}`;
  return `${minor < 0n ? "-" : ""}${digits.slice(0, digits.length - exponent)}${fraction}`;
}

type Life = {
  readonly transactions: readonly SeededTransaction[];
  readonly payouts: readonly SeededPayout[];
};

/** Activity of every currency and category; each third transaction is in one of two automatic payouts. */
function createLife(): Life {
  const transactions = Array.from({ length: 80 }, (_, n): SeededTransaction => {
    const created = firstSecond + n * 20_011;
    const payout = n % 3 === 0 ? `po_auto_${n % 2}` : null;
    return {
      id: `txn_${n}`,
      category: categories[n % categories.length] ?? "",
      currency: currencies[n % currencies.length] ?? "",
      gross: BigInt(n % 7 === 0 ? -n * 1_301 : n * 9_007_199_254_740),
      fee: BigInt(n * 11),
      created: timeText(created),
      availableOn: timeText(created + 172_800),
      source: `ch_${n}`,
      payout,
    };
  });
  const payouts = [0, 1].map(
    (n): SeededPayout => ({
      id: `po_auto_${n}`,
      amount: 100n,
      currency: "usd",
      status: "paid",
      automatic: true,
      arrival: `2026-09-2${n} 00:00:00`,
      traceId: `TRACE${n}`,
    }),
  );
  return { transactions, payouts };
}

const columns = [
  "balance_transaction_id",
  "created_utc",
  "available_on_utc",
  "currency",
  "gross",
  "fee",
  "net",
  "reporting_category",
  "automatic_payout_id",
  "automatic_payout_effective_at_utc",
  "trace_id",
  "description",
];

/** The kind of difference that a change of a column must be reported as. */
const kinds: Readonly<Record<string, string>> = {
  created_utc: "created",
  available_on_utc: "available_on",
  automatic_payout_id: "payout",
  automatic_payout_effective_at_utc: "payout",
};

function activityRow(transaction: SeededTransaction, payouts: readonly SeededPayout[]): readonly string[] {
  const currency = transaction.currency as keyof typeof exponents;
  const payout = payouts.find(({ id }) => id === transaction.payout);
  return [
    transaction.id,
    transaction.created,
    transaction.availableOn,
    currency,
    major(transaction.gross, currency),
    major(transaction.fee, currency),
    major(transaction.gross - transaction.fee, currency),
    transaction.category,
    payout?.id ?? "",
    payout?.arrival ?? "",
    payout?.traceId ?? "",
    'of "two"\nlines',
  ];
}

/** Changes a cell by the least that is a change. */
function mutated(column: string, cell: string, up: boolean): string {
  if (["gross", "fee", "net"].includes(column)) {
    const point = cell.indexOf(".");
    const decimals = point < 0 ? 0 : cell.length - point - 1;
    const unscaled = BigInt(cell.replace(".", "")) + (up ? 1n : -1n);
    const [currency] = currencies.filter((name) => exponents[name] === decimals);
    return major(unscaled, currency ?? "usd");
  }
  if (column.endsWith("_utc")) {
    if (cell === "") return "2026-09-20 00:00:00";
    return timeText(Date.parse(`${cell.replace(" ", "T")}Z`) / 1_000 + (up ? 1 : -1));
  }
  if (column === "currency") return cell === "usd" ? "jpy" : "usd";
  return `${cell}x`;
}

describe("takings tie-out of a report in which one cell is changed", function () {
  this.timeout(600_000);
  let runner: TieOutRunner;
  const { transactions, payouts } = createLife();
  const rows = transactions.map((transaction) => activityRow(transaction, payouts));
  // The bounds of a changed range must not hide a row.
  const range = ["--from=2026-09-01", "--to=2026-10-01"];

  before(async () => {
    runner = await tieOutRunner();
    await runner.ledger.add(transactions, payouts);
    await runner.ledger.complete("2026-10-01T00:00:00Z");
  });
  after(() => runner.close());

  it("finds the unchanged report equal", async () => {
    expect(await runner.differences(csv(columns.join(","), ...rows))).to.deep.equal([]);
  });

  it("finds exactly that cell", async () => {
    const compared = columns.filter((name) => !["balance_transaction_id", "description"].includes(name));
    const change = fc.record({
      row: fc.nat(rows.length - 1),
      column: fc.constantFrom(...compared),
      up: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(change, async ({ row: index, column, up }) => {
        const place = columns.indexOf(column);
        const row = rows[index] ?? [];
        const before = row[place] ?? "";
        const after = mutated(column, before, up);
        // Without a payout there is no date or trace id of the ledger to compare with.
        const isOfNoPayout =
          row[8] === "" && ["automatic_payout_effective_at_utc", "trace_id"].includes(column);
        fc.pre(!isOfNoPayout);
        const found = await runner.differences(
          csv(columns.join(","), ...rows.with(index, row.with(place, after))),
          ...range,
        );
        const said = before === "" ? null : before;
        // Each row has two lines, and the header one.
        expect(found).to.deep.equal([[2 + 2 * index, row[0], kinds[column] ?? column, after, said]]);
      }),
      { numRuns: cases },
    );
  });
});
