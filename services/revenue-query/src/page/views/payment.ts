import { moneyOf } from "../../responses/money.ts";
import type { PaymentResponse } from "../../routes/payment.ts";
import type { Formats } from "../format/formats.ts";
import { html, type Html } from "../html.ts";
import { link } from "../links.ts";
import { exportsNav } from "../parts/exports.ts";
import { type Column, table } from "../parts/table.ts";
import { idText } from "../records/id-text.ts";
import { differingColumns } from "../records/scope-columns.ts";
import { type ScopedSums, scopedSumsOf } from "../records/sums.ts";
import { timelineOf } from "../records/timeline.ts";
import { timelineColumns } from "../records/timeline-columns.ts";
import { accountWords, modeWords } from "../records/words.ts";
import type { View } from "../view.ts";

/** `/payments/{payment_intent}`: the life of a payment, its events and entries in one order. */
export const paymentView: View = {
  path: "/payments/{payment_intent}",
  async show({ search, path, api, formats }) {
    const payment = await api.payment(search, path);
    const id = payment.payment_intent;
    const rows = timelineOf(payment.events, payment.entries);
    return {
      title: id,
      main: html`<h1>Payment ${idText(id)}</h1>
${facts(payment)}
<p class="fresh">As of ${formats.instant(payment.as_of, "UTC")}.</p>
${totals(payment, formats)}
<section aria-labelledby="life">
<h2 id="life">Its life</h2>
${table({
  label: "The life of the payment",
  caption: html`Events and ledger entries of ${id}, in order of time`,
  columns: timelineColumns(rows, formats),
  rows,
  empty: "Nothing is known.",
})}
${exportsNav({ path: `/payments/${encodeURIComponent(id)}/life`, search })}
</section>`,
    };
  },
};

function facts({ payment_intent: id, entries, events, source }: PaymentResponse): Html {
  const all = [...entries, ...events];
  const accounts = [...new Set(all.map(({ account }) => account))];
  // What moved money says its mode.
  const modes = [...new Set((entries.length > 0 ? entries : events).map(({ livemode }) => livemode))];
  const list = link("/events", { object_id: id, source: source === "default" ? undefined : source });
  return html`<dl class="facts">
<dt>Account</dt><dd>${accounts.map((account, n) => html`${n > 0 && ", "}${account === null ? accountWords(account) : idText(account)}`)}</dd>
<dt>Mode</dt><dd>${modes.map(modeWords).join(", ")}</dd>
<dt>Source</dt><dd>${source}</dd>
<dt>Events that name it</dt><dd><a href="${list}">as a list</a></dd>
</dl>`;
}

function totals({ entries }: PaymentResponse, formats: Formats): Html {
  const rows = scopedSumsOf(entries);
  const columns: Column<ScopedSums>[] = [
    ...differingColumns(rows),
    { title: "Currency", isHeading: true, cell: ({ currency }) => currency.toUpperCase() },
    ...(["gross", "refunded", "disputed", "net"] as const).map(
      (field): Column<ScopedSums> => ({
        title: titles[field],
        isNumber: true,
        cell: (sums) => formats.money(moneyOf(sums[field], sums.currency), sums.currency, field),
      }),
    ),
  ];
  return html`<section class="totals" aria-labelledby="totals">
<h2 id="totals">What it brought</h2>
${table({ label: "Totals", caption: "Of all its entries", columns, rows, empty: "It has no ledger entry: no money moved." })}
</section>`;
}

const titles = { gross: "Gross", refunded: "Refunded", disputed: "Disputed", net: "Net" } as const;
