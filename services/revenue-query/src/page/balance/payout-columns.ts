import type { PayoutRow } from "../../responses/payout.ts";
import type { Formats } from "../format/formats.ts";
import { type Html, html } from "../html.ts";
import { viewOf } from "../links.ts";
import { figure } from "../overview/figure.ts";
import type { Column } from "../parts/table.ts";
import { isExplained } from "./explanation.ts";
import { payoutHref } from "./payout-href.ts";

/** The columns of a list of payouts. */
export function payoutColumns(search: URLSearchParams, formats: Formats): Column<PayoutRow>[] {
  const zone = search.get("timezone") ?? "UTC";
  const hrefOf = (payout: PayoutRow): string => payoutHref(payout, search);
  const columns: (Column<PayoutRow> | false)[] = [
    {
      title: "Payout",
      isHeading: true,
      cell: (payout) => html`<a href="${hrefOf(payout)}" data-row><code>${payout.id}</code></a>`,
    },
    { title: "Arrival", cell: (payout) => formats.instant(payout.arrival_date, zone) },
    { title: "Status", cell: ({ status }) => status },
    { title: "Kind", cell: ({ automatic }) => (automatic ? "automatic" : "manual or instant") },
    {
      title: "Amount",
      isNumber: true,
      cell: (payout) => {
        const { amount, currency } = payout;
        return figure({ amount, currency, field: "amount", href: hrefOf(payout) }, formats);
      },
    },
    { title: "Unexplained", isNumber: true, cell: (payout) => unexplained(payout, formats) },
    { title: "Bank's trace id", cell: ({ trace_id }) => trace_id },
    search.has("account") && { title: "Account", cell: ({ account }) => account ?? "platform" },
    search.has("source") && { title: "Source", cell: ({ source }) => source },
  ];
  return columns.filter((column) => column !== false);
}

function unexplained(payout: PayoutRow, formats: Formats): Html | string {
  const { unexplained: amount, currency } = payout;
  if (amount === null) return "not known";
  const href = viewOf(payout.transactions);
  const shown = figure({ amount, currency, field: "unexplained", href }, formats);
  return isExplained(payout) ? shown : html`<strong>${shown} unexplained</strong>`;
}
