import { html, type Html } from "../html.ts";
import { relink } from "../links.ts";
import { exportsNav } from "../parts/exports.ts";
import { type FilterField, filterForm } from "../parts/filter-form.ts";
import { filterText } from "../parts/filter-text.ts";
import { otherChoice } from "../parts/other-choice.ts";
import { pages } from "../parts/pages.ts";
import { showWithForm } from "../parts/show-with-form.ts";
import { table } from "../parts/table.ts";
import { entryColumns } from "../records/entry-columns.ts";
import { ledgerTotals } from "../records/ledger-totals.ts";
import { filterFields } from "../parts/filter-fields.ts";
import { scopeColumns } from "../records/scope-columns.ts";
import type { View, ViewRequest, ViewResult } from "../view.ts";

const path = "/ledger";
const { from, to, timezone, currency, account, livemode, source, asRecordedAt } = filterFields;
const order: FilterField = {
  name: "order",
  label: "Order",
  choices: [
    ["", "oldest first"],
    ["desc", "newest first"],
  ],
};
const fields = [from, to, timezone, currency, account, livemode, source, asRecordedAt, order];

/** `/ledger`: the entries behind a figure, and what they add up to. */
export const ledgerView: View = {
  path,
  show(request) {
    const { search } = request;
    const form = { action: path, label: "Which entries", fields, search };
    return showWithForm(
      { title: "Ledger entries", form: (errors = []) => filterForm({ ...form, errors }) },
      (shown) => showEntries(request, shown),
    );
  },
};

async function showEntries({ search, api, formats }: ViewRequest, form: Html): Promise<ViewResult> {
  const page = await api.ledger(search);
  const figure = await api.revenue(figureOf(search, page.as_of));
  const title = `Ledger entries${search.has("currency") ? ` in ${figure.totals[0]?.currency.toUpperCase() ?? search.get("currency")}` : ""}`;
  const isWhole = page.next_cursor === null && !search.has("cursor");
  const filter = filterText({ search, formats, livemode: figure.livemode });
  const columns = [...entryColumns(formats, figure.timezone), ...scopeColumns(search)];
  return {
    title,
    main: html`<h1>${title}</h1>
<p>Shown: ${filter}. <a href="${overviewOf(search)}">Back to the figures</a>${search.has("as_recorded_at") && html`, or to <a href="${overviewOf(search, page.as_of)}">those as of then</a>`}</p>
<p class="fresh">As of ${formats.instant(page.as_of, figure.timezone)}: nothing recorded later is shown.</p>
${otherChoice("entries", form, page.entries)}
${ledgerTotals({ page, totals: figure.totals, isWhole, formats })}
<section aria-labelledby="entries">
<h2 id="entries">Entries</h2>
${table({ label: "Entries", caption: filter, columns, rows: page.entries, empty: html`No entries: ${filter}.` })}
${pages(path, search, page.next_cursor)}
${exportsNav({ path, search, asOf: page.as_of })}
</section>`,
  };
}

/** The figure that the whole list adds up to, as of the instant of its page. */
function figureOf(search: URLSearchParams, asOf: string): URLSearchParams {
  const query = new URLSearchParams(search);
  for (const name of ["order", "limit", "cursor"]) query.delete(name);
  query.set("as_recorded_at", asOf);
  return query;
}

/**
 * The overview of the same range and scope, with all its currencies: of now unless an instant is given, because each figure leads
 * to entries as of the instant that it was read at. Without a range it would be that of the current month.
 */
function overviewOf(search: URLSearchParams, recordedAt?: string): string {
  const isUnbounded = !search.has("from") && !search.has("to");
  return relink("/", search, {
    order: undefined,
    limit: undefined,
    cursor: undefined,
    currency: undefined,
    as_recorded_at: recordedAt,
    period: isUnbounded ? "all" : undefined,
  });
}
