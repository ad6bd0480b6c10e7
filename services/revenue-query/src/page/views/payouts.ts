import type { PayoutRow } from "../../responses/payout.ts";
import { balanceFormView } from "../balance/balance-form.ts";
import { rangeFields } from "../parts/filter-fields.ts";
import { balanceNav } from "../balance/balance-nav.ts";
import { payoutColumns } from "../balance/payout-columns.ts";
import { rangeChoices } from "../balance/range-choices.ts";
import { standing } from "../balance/standing.ts";
import { html } from "../html.ts";
import { exportsNav } from "../parts/exports.ts";
import { filterText } from "../parts/filter-text.ts";
import { pages } from "../parts/pages.ts";
import { showWithForm } from "../parts/show-with-form.ts";
import { table } from "../parts/table.ts";
import type { View } from "../view.ts";

const path = "/payouts";
const title = "Payouts";
const fields = [...rangeFields, { name: "status", label: "Status", placeholder: "any" }];

/** `/payouts`: payouts to the bank, and what of them is unexplained. */
export const payoutsView: View = {
  path,
  show: ({ search, api, formats, now }) =>
    showWithForm(balanceFormView({ title, path, fields }, search), async (form) => {
      const response = await api.payouts(search);
      const { payouts: rows, next_cursor: cursor, as_of: asOf } = response;
      const filter = filterText({ ...rows[0], search, formats });
      return {
        title,
        isLive: !search.has("as_recorded_at") && !search.has("cursor"),
        main: html`<h1>${title}</h1>
${balanceNav(path, search)}
${standing({ response, isEmpty: rows.length === 0, search, formats })}
${rangeChoices({ path, search, now })}
${form}
${table<PayoutRow>({
  label: title,
  caption: html`Payouts by arrival date, ${filter}`,
  columns: payoutColumns(search, formats),
  rows,
  empty: html`No payouts: ${filter}.`,
})}
${pages(path, search, cursor)}
${exportsNav({ path, search, asOf })}`,
      };
    }),
};
