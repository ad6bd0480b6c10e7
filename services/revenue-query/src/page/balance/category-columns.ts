import type { CategoryRow } from "../../responses/category-total.ts";
import type { Formats } from "../format/formats.ts";
import { type Html, html } from "../html.ts";
import { viewOf } from "../links.ts";
import { figure } from "../overview/figure.ts";
import type { Column } from "../parts/table.ts";

/** The columns of an addition in one currency: the sums of categories, known or not. Each figure leads to its transactions. */
export function categoryColumns(currency: string, formats: Formats): Column<CategoryRow>[] {
  const amounts = [
    ["Gross", "gross"],
    ["Fee", "fee"],
    ["Net", "net"],
  ] as const;
  return [
    { title: "Category", isHeading: true, cell: (row) => html`+ ${row.reporting_category}` },
    {
      title: "Count",
      isNumber: true,
      cell: ({ count, transactions }) => html`<a href="${viewOf(transactions)}">${formats.count(count)}</a>`,
    },
    ...amounts.map(
      ([title, field]): Column<CategoryRow> => ({
        title,
        isNumber: true,
        cell: (row) => {
          const href = viewOf(row.transactions);
          return figure({ amount: row[field], currency, field, href, isMain: field === "net" }, formats);
        },
      }),
    ),
  ];
}

/** A row of such an addition that has a net amount only: what it begins with, or what it comes to. */
export function netRow(title: string, net: Html): Html {
  return html`<tr class="sum"><th scope="row">${title}</th><td></td><td></td><td></td><td class="number">${net}</td></tr>`;
}
