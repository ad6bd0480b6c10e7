import { balanceFormView } from "../balance/balance-form.ts";
import { rangeFields } from "../parts/filter-fields.ts";
import { balanceNav } from "../balance/balance-nav.ts";
import { rangeChoices } from "../balance/range-choices.ts";
import { standing } from "../balance/standing.ts";
import { summaryTable } from "../balance/summary-table.ts";
import { html } from "../html.ts";
import { viewOf } from "../links.ts";
import { exportsNav } from "../parts/exports.ts";
import { fold } from "../parts/fold.ts";
import { filterText } from "../parts/filter-text.ts";
import { showWithForm } from "../parts/show-with-form.ts";
import type { View } from "../view.ts";

const path = "/balance/summary";
const title = "What changed the balance";

/** `/balance/summary`: starting balance, activity by category, payouts and ending balance of a range. */
export const balanceSummaryView: View = {
  path,
  show: ({ search, api, formats, now }) =>
    showWithForm(balanceFormView({ title, path, fields: rangeFields }, search), async (form) => {
      const summary = await api.summary(search);
      const { currencies, livemode, account } = summary;
      const filter = filterText({ search, formats, livemode, account });
      return {
        title,
        isLive: !search.has("as_recorded_at"),
        main: html`<h1>${title}</h1>
${balanceNav(path, search)}
${standing({ response: summary, isEmpty: currencies.length === 0, search, formats })}
${fold("Range and filter", html`${rangeChoices({ path, search, now })}\n${form}`)}
${currencies.length === 0 && html`<p class="notice">No balance and nothing that changed it: ${filter}.</p>`}
${currencies.map((one) => {
  const { currency, transactions } = one;
  const caption = html`Balance in ${currency.toUpperCase()} and what changed it, ${filter}`;
  return html`<section aria-labelledby="${currency}">
<h2 id="${currency}">${currency.toUpperCase()}</h2>
${summaryTable({ one, summary, caption, formats })}
<p class="screen-only"><a href="${viewOf(transactions)}">All transactions of this range in ${currency.toUpperCase()}</a></p>
</section>`;
})}
${currencies.length > 0 && exportsNav({ path, search, asOf: summary.as_of })}`,
      };
    }),
};
