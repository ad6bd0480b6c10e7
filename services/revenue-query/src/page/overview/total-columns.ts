import type { Total } from "../../responses/total.ts";
import type { Formats } from "../format/formats.ts";
import { viewOf } from "../links.ts";
import type { Column } from "../parts/table.ts";
import { figure } from "./figure.ts";

const figures = [
  ["net", "Net"],
  ["gross", "Gross"],
  ["refunded", "Refunded"],
  ["disputed", "Disputed"],
] as const;
const counts = [
  ["payments", "Payments"],
  ["refunds", "Refunds"],
  ["disputes", "Disputes"],
] as const;

/** The columns of a total: its figures, which lead to the entries behind it, and its counts. */
export function totalColumns<Row>(
  totalOf: (row: Row) => Total | undefined,
  zone: string,
  formats: Formats,
): Column<Row>[] {
  return [
    ...figures.map(
      ([field, title]): Column<Row> => ({
        title,
        isNumber: true,
        cell(row) {
          const total = totalOf(row);
          if (total === undefined) return "–";
          const { currency, ledger } = total;
          const isMain = field === "net";
          return figure(
            { amount: total[field], currency, field, href: viewOf(ledger, zone), isMain },
            formats,
          );
        },
      }),
    ),
    ...counts.map(
      ([name, title]): Column<Row> => ({
        title,
        isNumber: true,
        cell: (row) => formats.count(totalOf(row)?.counts[name] ?? 0),
      }),
    ),
  ];
}
