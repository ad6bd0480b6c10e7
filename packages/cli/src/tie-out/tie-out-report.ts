import type { Moment } from "@takings/domain";
import type { Difference, DifferenceKind } from "./difference.ts";
import type { TieOutResult } from "./tie-out-file.ts";

/** What became of one file. */
export type FileOutcome =
  | { readonly file: string; readonly result: TieOutResult; readonly error?: undefined }
  | { readonly file: string; readonly error: string; readonly result?: undefined };

const linesPerKind = 20;

const meanings: Readonly<Record<DifferenceKind, string>> = {
  gross: "gross amounts differ",
  fee: "fees differ",
  net: "net amounts differ",
  currency: "currencies differ",
  created: "times differ",
  available_on: "times at which funds become available differ",
  reporting_category: "reporting categories differ",
  payout: "payouts differ",
  trace_id: "trace ids differ",
  payout_status: "statuses of payouts differ",
  count: "counts differ",
  customer_facing_amount: "amounts that customers paid differ",
  customer_facing_currency: "currencies in which customers paid differ",
  duplicate: "rows occur more than once in the file",
  missing_here: "rows are in the file and not in the ledger",
  missing_there: "rows are in the ledger and not in the file",
};

/** Formats the outcome as one line of JSON. */
export function tieOutAsJson(outcomes: readonly FileOutcome[], asOf: Moment): string {
  return JSON.stringify({
    as_of: asOf,
    files: outcomes.map(({ file, result, error }) =>
      result === undefined
        ? { file, report: null, rows: null, equal: false, error }
        : {
            file,
            report: result.report,
            rows: result.rows,
            equal: result.count === 0,
            difference_count: result.count,
            notes: result.notes,
          },
    ),
    differences: outcomes.flatMap(({ file, result }) =>
      (result?.listed ?? []).map(({ line, id, kind, fileSays, ledgerSays }) => ({
        file,
        line,
        id,
        kind,
        file_says: fileSays,
        ledger_says: ledgerSays,
      })),
    ),
  });
}

/** Formats the outcome for people, without the files that could not be compared. */
export function formatTieOut(outcomes: readonly FileOutcome[], asOf: Moment): string {
  const compared = outcomes.flatMap(({ file, result }) => (result === undefined ? [] : [{ file, result }]));
  const equal = compared.filter(({ result }) => result.count === 0).length;
  const failed = outcomes.length - compared.length;
  const different = compared.length - equal;
  const parts = [
    `${equal} equal`,
    ...(different > 0 ? [`${different} with differences`] : []),
    ...(failed > 0 ? [`${failed} not compared`] : []),
  ];
  return [
    ...compared.flatMap(({ file, result }) => formatFile(file, result)),
    `${outcomes.length} file(s) as of ${asOf}: ${parts.join(", ")}`,
  ].join("\n");
}

function formatFile(file: string, { report, rows, count, listed, notes }: TieOutResult): readonly string[] {
  const verdict = count === 0 ? "equal" : `${count} difference(s)`;
  const kinds = [...new Set(listed.map(({ kind }) => kind))];
  return [
    `${file}: ${report}, ${rows} rows: ${verdict}`,
    ...kinds.flatMap((kind) => formatKind(kind, listed)),
    ...(count > listed.length ? [`  and ${count - listed.length} more differences that are not listed`] : []),
    ...notes.map((note) => `  note: ${note}`),
  ];
}

function formatKind(kind: DifferenceKind, listed: readonly Difference[]): readonly string[] {
  const found = listed.filter((difference) => difference.kind === kind);
  const more = found.length - linesPerKind;
  return [
    `  ${kind}: ${found.length} ${meanings[kind]}`,
    ...found.slice(0, linesPerKind).map(formatDifference),
    ...(more > 0 ? [`    and ${more} more (--json lists them)`] : []),
  ];
}

function formatDifference({ line, id, kind, fileSays, ledgerSays }: Difference): string {
  const place = line === null ? id : `line ${line}, ${id}`;
  if (kind === "duplicate") return `    ${place}`;
  if (kind === "missing_here" || kind === "missing_there")
    return `    ${place}: ${fileSays ?? ledgerSays ?? "no amount"}`;
  return `    ${place}: the file says ${fileSays ?? "nothing"}, the ledger ${ledgerSays ?? "nothing"}`;
}
