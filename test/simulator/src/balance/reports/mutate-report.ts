import type { Random } from "../../random.ts";
import { csvLine } from "./report-values.ts";

/** The columns of which a kind of change takes the first one that a report has. */
const changedColumns = {
  gross: ["gross"],
  fee: ["fee"],
  net: ["net", "net_amount"],
  currency: ["currency"],
  created: ["created_utc", "created"],
  available_on: ["available_on_utc", "available_on"],
  reporting_category: ["reporting_category"],
  payout: ["automatic_payout_id", "payout_id"],
  count: ["count"],
  customer_facing_amount: ["customer_facing_amount"],
  customer_facing_currency: ["customer_facing_currency"],
  trace_id: ["trace_id"],
  payout_status: ["payout_status"],
} as const satisfies Record<string, readonly string[]>;

/** What can be changed in a report: a value, or a row that is taken out, added under an unknown id, or doubled. */
export type MutationKind = keyof typeof changedColumns | "missing_there" | "missing_here" | "duplicate";

/** What was changed in a report. */
export type ReportMutation = {
  /** Where the changed row begins, the header being line 1; for a row that was taken out, where it began. */
  readonly line: number;
  /** Of the balance transaction; `currency/category` in a summary. */
  readonly id: string;
  readonly kind: MutationKind;
  readonly before: string | undefined;
  readonly after: string | undefined;
};

/**
 * Changes one thing in a report: an amount by one minor unit, a time by a day, a count by one, another value, or a row.
 * @param lines each one row with its line end, as {@link itemizedReport} and {@link summaryReport} give them; not changed.
 * @returns `undefined` where the report has no such column or no rows.
 */
export function mutateReport(
  lines: readonly string[],
  kind: MutationKind,
  random: Random,
): MutatedReport | undefined {
  const columns = fieldsOf(lines[0] ?? "");
  if (lines.length < 2) return undefined;
  const index = random.int(1, lines.length - 1);
  const fields = fieldsOf(lines[index] ?? "");
  const value = (name: string): string => fields[columns.indexOf(name)] ?? "";
  const id = columns.includes("balance_transaction_id")
    ? value("balance_transaction_id")
    : `${value("currency")}/${value("category") || value("reporting_category")}`;
  const done = (
    changed: readonly string[],
    before: string | undefined,
    after: string | undefined,
    changes: Partial<ReportMutation> = {},
  ): MutatedReport => ({
    lines: changed,
    mutation: { line: lineOf(lines, index), id, kind, before, after, ...changes },
  });
  if (kind === "missing_there") return done(lines.toSpliced(index, 1), lines[index], undefined);
  if (kind === "duplicate") {
    const line = lineOf(lines, lines.length);
    return done([...lines, lines[index] ?? ""], undefined, lines[index], { line });
  }
  if (kind === "missing_here") {
    const place = columns.indexOf("balance_transaction_id");
    if (place < 0) return undefined;
    const unknown = `txn_unknown${random.letters(12)}`;
    const line = csvLine(fields.with(place, unknown));
    return done(lines.toSpliced(index, 0, line), undefined, line, { id: unknown });
  }
  const column = changedColumns[kind].map((name) => columns.indexOf(name)).find((place) => place >= 0) ?? -1;
  const before = fields[column];
  if (before === undefined || before === "") return undefined;
  const after = changedValue(kind, before, random);
  return done(lines.with(index, csvLine(fields.with(column, after))), before, after);
}

type MutatedReport = { readonly lines: readonly string[]; readonly mutation: ReportMutation };

/** The line on which a row begins: a field may contain line ends. */
function lineOf(lines: readonly string[], index: number): number {
  return lines.slice(0, index).reduce((count, line) => count + line.split("\n").length - 1, 1);
}

function changedValue(kind: keyof typeof changedColumns, before: string, random: Random): string {
  switch (kind) {
    case "gross":
    case "fee":
    case "net":
    case "count":
    case "customer_facing_amount":
      return oneMore(before, random.chance(0.5) ? 1n : -1n);
    case "created":
    case "available_on": {
      const nextDay = Date.parse(`${before.slice(0, 10)}T00:00:00Z`) + 86_400_000;
      return new Date(nextDay).toISOString().slice(0, 10) + before.slice(10);
    }
    case "currency":
    case "customer_facing_currency":
      return before === "sek" ? "nok" : "sek";
    case "reporting_category":
      return before === "refund" ? "charge" : "refund";
    case "payout_status":
      return before === "failed" ? "paid" : "failed";
    case "payout":
    case "trace_id":
      return `${before}x`;
  }
}

/** An amount in major units, changed by minor units. */
function oneMore(text: string, step: bigint): string {
  const digits = text.includes(".") ? text.length - text.indexOf(".") - 1 : 0;
  const minor = BigInt(text.replace(".", "")) + step;
  if (digits === 0) return minor.toString();
  const padded = (minor < 0n ? -minor : minor).toString().padStart(digits + 1, "0");
  return `${minor < 0n ? "-" : ""}${padded.slice(0, -digits)}.${padded.slice(-digits)}`;
}

/** The fields of a line of {@link csvLine}. */
function fieldsOf(line: string): string[] {
  const fields = line.replace(/\n$/, "").matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return [...fields].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "");
}
