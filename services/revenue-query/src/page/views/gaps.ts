import type { Gap } from "../../responses/gap.ts";
import type { Formats } from "../format/formats.ts";
import { html, type Html } from "../html.ts";
import { eventLink, paymentLink, searchLink } from "../links.ts";
import { exportsNav } from "../parts/exports.ts";
import { type FilterField, filterForm } from "../parts/filter-form.ts";
import { filterText } from "../parts/filter-text.ts";
import { otherChoice } from "../parts/other-choice.ts";
import { pages } from "../parts/pages.ts";
import { showWithForm } from "../parts/show-with-form.ts";
import { type Column, table } from "../parts/table.ts";
import { idLink, idText } from "../records/id-text.ts";
import { scopeColumns } from "../records/scope-columns.ts";
import { filterFields } from "../parts/filter-fields.ts";
import type { View, ViewRequest, ViewResult } from "../view.ts";

const path = "/gaps";

const fields: readonly FilterField[] = [
  {
    name: "kind",
    label: "Missing",
    choices: [
      ["", "payments and refunds"],
      ["payment", "payments"],
      ["refund", "refunds"],
    ],
  },
  filterFields.account,
  filterFields.livemode,
  filterFields.source,
];

/** `/gaps`: money that moved, but whose event was never delivered. */
export const gapsView: View = {
  path,
  show(request) {
    const { search } = request;
    const form = { action: path, label: "Which gaps", fields, search };
    return showWithForm({ title: "Gaps", form: (errors = []) => filterForm({ ...form, errors }) }, (shown) =>
      showGaps(request, shown),
    );
  },
};

async function showGaps({ search, api, formats }: ViewRequest, form: Html): Promise<ViewResult> {
  const { gaps, next_cursor: next } = await api.gaps(search);
  const filter = filterText({ search, formats, livemode: gaps[0]?.livemode });
  const columns = [...gapColumns(formats), ...scopeColumns<Gap>(search)];
  return {
    title: "Gaps",
    isLive: !search.has("cursor"),
    main: html`<h1>Gaps</h1>
<p>Payments and refunds that are in no total, because the event that would count them was not delivered: ${filter}.</p>
${gaps.length > 0 && advice}
${otherChoice("gaps", form, gaps)}
${table({ label: "Gaps", caption: filter, columns, rows: gaps, empty: html`No gaps are known: ${filter}.` })}
${pages(path, search, next)}
${exportsNav({ path, search })}`,
  };
}

const advice = html`<p class="warning" role="status"><code>takings reconcile</code> asks Stripe for what is missing. A gap disappears when its event arrives.</p>`;

function gapColumns(formats: Formats): Column<Gap>[] {
  return [
    { title: "Seen", cell: (gap) => formats.instant(gap.seen_at, "UTC") },
    { title: "Missing", cell: ({ kind }) => (kind === "payment" ? "Payment" : "Refund") },
    { title: "Amount", isNumber: true, cell: (gap) => amountOf(gap, formats) },
    { title: "Charge", cell: ({ object_id: id, source }) => idLink(id, searchLink(id, source)) },
    { title: "Payment", cell: paymentOf },
    { title: "Event that shows it", cell: eventOf },
  ];
}

function amountOf({ amount, currency, object_id: id, source }: Gap, formats: Formats): Html {
  return html`<a href="${searchLink(id, source)}">${formats.money(amount, currency, "amount")}</a>`;
}

function paymentOf({ payment_intent: id, source }: Gap): Html | null {
  return id === null ? null : idLink(id, paymentLink(id, source));
}

function eventOf({ event_id: id, source }: Gap): Html {
  return html`<a data-row href="${eventLink(id, source)}">${idText(id)}</a>`;
}
