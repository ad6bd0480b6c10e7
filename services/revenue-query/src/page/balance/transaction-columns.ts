import type { TransactionRow } from "../../responses/balance-transaction.ts";
import type { Formats } from "../format/formats.ts";
import { html, type Html } from "../html.ts";
import { eventLink, searchLink } from "../links.ts";
import { figure } from "../overview/figure.ts";
import type { Column } from "../parts/table.ts";
import { idLink, idText } from "../records/id-text.ts";
import { payoutHref } from "./payout-href.ts";

/** The columns of a list of balance transactions; amounts lead to the event that states them. */
export function transactionColumns(search: URLSearchParams, formats: Formats): Column<TransactionRow>[] {
  const zone = search.get("timezone") ?? "UTC";
  const hrefOf = ({ event_id, source }: TransactionRow): string => eventLink(event_id, source);
  const amount = (title: string, field: "gross" | "fee" | "net"): Column<TransactionRow> => ({
    title,
    isNumber: true,
    cell: (row) => figure({ amount: row[field], currency: row.currency, field, href: hrefOf(row) }, formats),
  });
  const columns: (Column<TransactionRow> | false)[] = [
    {
      title: "Transaction",
      isHeading: true,
      cell: (row) => html`<a href="${hrefOf(row)}" data-row><code>${row.id}</code></a>`,
    },
    { title: "Counts at", cell: ({ effective_at }) => formats.instant(effective_at, zone) },
    {
      title: "Category",
      cell: ({ reporting_category: category, type }) =>
        category === type ? category : `${category} (${type})`,
    },
    amount("Gross", "gross"),
    amount("Fee", "fee"),
    amount("Net", "net"),
    {
      title: "About",
      cell: aboutOf,
    },
    { title: "Description", cell: ({ description }) => description },
    {
      title: "Available on",
      cell: ({ available_on, status }) =>
        html`${formats.instant(available_on, zone)}${status !== null && html` (${status})`}`,
    },
    { title: "Payout", cell: (row) => payoutOf(row, search) },
    search.has("account") && { title: "Account", cell: ({ account }) => account ?? "platform" },
    search.has("source") && { title: "Source", cell: ({ source }) => source },
  ];
  return columns.filter((column) => column !== false);
}

/** Objects that events are read for: payments, what belongs to them, and payouts. A search finds no other. */
const searchable = /^(pi|ch|py|re|pyr|dp|du|po)_/;

function aboutOf({ source_id: id, source }: TransactionRow): Html | null {
  if (id === null) return null;
  return searchable.test(id) ? idLink(id, searchLink(id, source)) : idText(id);
}

function payoutOf(row: TransactionRow, search: URLSearchParams): ReturnType<Column<TransactionRow>["cell"]> {
  const { payout: id, source, account } = row;
  if (id === null) return null;
  return html`<a href="${payoutHref({ id, source, account }, search)}"><code>${id}</code></a>`;
}
