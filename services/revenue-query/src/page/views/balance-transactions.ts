import type { TransactionRow } from "../../responses/balance-transaction.ts";
import { balanceFormView } from "../balance/balance-form.ts";
import { rangeFields } from "../parts/filter-fields.ts";
import { balanceNav } from "../balance/balance-nav.ts";
import { rangeChoices } from "../balance/range-choices.ts";
import { standing } from "../balance/standing.ts";
import { transactionColumns } from "../balance/transaction-columns.ts";
import { html } from "../html.ts";
import { exportsNav } from "../parts/exports.ts";
import { filterText } from "../parts/filter-text.ts";
import { pages } from "../parts/pages.ts";
import { showWithForm } from "../parts/show-with-form.ts";
import { table } from "../parts/table.ts";
import type { View } from "../view.ts";

const path = "/balance/transactions";
const title = "Balance transactions";
const fields = [
  ...rangeFields,
  { name: "reporting_category", label: "Category", placeholder: "all; charge,refund for two" },
  { name: "payout", label: "Payout", placeholder: "po_…" },
  { name: "balance_type", label: "Balance type", placeholder: "payments" },
];

/** `/balance/transactions`: the balance transactions behind a figure. */
export const balanceTransactionsView: View = {
  path,
  show: ({ search, api, formats, now }) =>
    showWithForm(balanceFormView({ title, path, fields }, search), async (form) => {
      const response = await api.transactions(search);
      const { transactions: rows, next_cursor: cursor, as_of: asOf } = response;
      const filter = filterText({ ...rows[0], search, formats });
      return {
        title,
        isLive: !search.has("as_recorded_at") && !search.has("cursor"),
        main: html`<h1>${title}</h1>
${balanceNav(path, search)}
${standing({ response, isEmpty: rows.length === 0, search, formats })}
${rangeChoices({ path, search, now })}
${form}
${table<TransactionRow>({
  label: title,
  caption: html`Balance transactions by when they count, ${filter}`,
  columns: transactionColumns(search, formats),
  rows,
  empty: html`No balance transactions: ${filter}.`,
})}
${pages(path, search, cursor)}
${exportsNav({ path, search, asOf })}`,
      };
    }),
};
