import Table from "cli-table3";
import type { Totals } from "@takings/simulator";

/** Revenue as a table for the terminal, one row per currency. */
export function revenueTable(totals: Totals, exponents: ReadonlyMap<string, number>): string {
  const table = new Table({
    head: ["currency", "payments", "gross", "refunded", "disputed", "net"],
    colAligns: ["left", "right", "right", "right", "right", "right"],
    style: { head: [], border: [] },
    // No lines between the rows.
    chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
  });
  for (const currency of [...totals.keys()].toSorted()) {
    const row = totals.get(currency);
    if (row === undefined) continue;
    const net = row.gross - row.refunded - row.disputed;
    const money = [row.gross, row.refunded, row.disputed, net];
    const shown = money.map((minor) => majorUnits(minor, exponents.get(currency) ?? 2));
    table.push([currency.toUpperCase(), row.payments, ...shown]);
  }
  return table.toString();
}

/** An amount in the currency's main unit, exactly: 123456 with exponent 2 is "1,234.56". */
export function majorUnits(minor: bigint, exponent: number): string {
  const digits = (minor < 0n ? -minor : minor).toString().padStart(exponent + 1, "0");
  const whole = digits.slice(0, digits.length - exponent).replace(/\B(?=(\d{3})+$)/g, ",");
  const fraction = exponent === 0 ? "" : `.${digits.slice(-exponent)}`;
  return `${minor < 0n ? "-" : ""}${whole}${fraction}`;
}
