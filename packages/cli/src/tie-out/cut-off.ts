import type { Difference, DifferenceKind } from "./difference.ts";
import { FileFault } from "./file-fault.ts";
import type { Columns } from "./report.ts";

/** The columns that state what a difference is about, where their name is not that of the kind. */
const columnsOfKind: Partial<Readonly<Record<DifferenceKind, readonly string[]>>> = {
  net: ["net", "net_amount"],
  created: ["created", "effective_at"],
  payout: ["automatic_payout_id", "automatic_payout_effective_at", "payout_id"],
};

/**
 * Rejects a file that ends inside the last cell of its last row: that cell is all in which the row differs, and the ledger
 * says the same and more.
 * @param differences those of the last row, which no line break ends.
 * @throws FileFault
 */
export function requireWholeRow(differences: readonly Difference[], columns: Columns): void {
  const [only, ...others] = differences;
  if (only === undefined || only.line === null || others.length > 0) return;
  const { kind, fileSays, ledgerSays, line } = only;
  const said = fileSays ?? "";
  const column = lastColumnOf(columns).replace(/_utc$/, "");
  const isInLastCell = (columnsOfKind[kind] ?? [kind]).includes(column);
  if (isInLastCell && ledgerSays !== null && ledgerSays !== said && ledgerSays.startsWith(said))
    throw cutOff(line);
}

/** The name of the last column. */
export function lastColumnOf(columns: Columns): string {
  const [[name] = [""]] = [...columns].toSorted(([, a], [, b]) => b - a);
  return name;
}

/** Says that a file is cut off in the last cell of its last row. */
export function cutOff(line: number): FileFault {
  return new FileFault(`ends inside the last value of line ${line}: the file is cut off; download it again`);
}
