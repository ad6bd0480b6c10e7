import { html } from "../html.ts";
import { eventLink, link, paymentLink } from "../links.ts";
import type { View } from "../view.ts";

/** `/ledger`: the entries behind a figure. */
export const ledgerView: View = {
  path: "/ledger",
  async show({ search, api, formats }) {
    const { entries, next_cursor: cursor } = await api.ledger(search);
    const zone = search.get("timezone") ?? "UTC";
    const next = new URLSearchParams(search);
    if (cursor !== null) next.set("cursor", cursor);
    return {
      title: "Ledger entries",
      main: html`<h1>Ledger entries</h1>
<table>
<thead><tr><th>When</th><th>Kind</th><th>Amount</th><th>Payment</th><th>Event</th></tr></thead>
<tbody>
${entries.map(
  (entry) => html`<tr>
<td>${formats.instant(entry.occurred_at, zone)}</td>
<td>${entry.kind}</td>
<td>${formats.money(entry.amount, entry.currency, "amount")}</td>
<td>${entry.payment_intent !== null && html`<a href="${paymentLink(entry.payment_intent, entry.source)}">${entry.payment_intent}</a>`}</td>
<td><a href="${eventLink(entry.event_id, entry.source)}">${entry.event_id}</a></td>
</tr>`,
)}
</tbody>
</table>
${cursor !== null && html`<p><a href="${link("/ledger", next)}" rel="next">Next page</a></p>`}`,
    };
  },
};
