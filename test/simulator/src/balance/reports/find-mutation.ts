import type { MutatedReportFile } from "./report-files.ts";

/** The JSON of `takings tie-out --json`. */
export type TieOutAnswer = {
  readonly files: readonly {
    readonly file: string;
    readonly report: string | null;
    readonly equal: boolean;
    readonly error?: string;
  }[];
  readonly differences: readonly {
    readonly file: string;
    readonly line: number | null;
    readonly id: string;
    readonly kind: string;
    readonly file_says: string | null;
  }[];
};

/**
 * Why an answer does not name the change of a file; `undefined` where it does: the line where the row begins, the id and
 * the kind, and nothing else about that file.
 */
export function missedMutation(
  answer: TieOutAnswer,
  { name, mutation: { line, id, kind, after } }: MutatedReportFile,
): string | undefined {
  const own = answer.differences.filter(({ file }) => file.endsWith(name));
  const expectedLine = kind === "missing_there" ? null : line;
  const found = own.find((one) => one.kind === kind && one.id === id && one.line === expectedLine);
  const error = answer.files.find(({ file }) => file.endsWith(name))?.error;
  const says = JSON.stringify(own.slice(0, 3));
  if (found === undefined)
    return `${name}: ${kind} of ${id} on line ${expectedLine} is not found in ${error ?? says}`;
  if (own.length > 1) return `${name}: ${own.length} differences come of one change: ${says}`;
  const isValue = after !== undefined && kind !== "missing_here" && kind !== "duplicate";
  return isValue && found.file_says !== after
    ? `${name}: the file says ${after}, not ${found.file_says}`
    : undefined;
}
