import { balanceListView } from "../balance/balance-list-view.ts";
import { transactionColumns } from "../balance/transaction-columns.ts";
import type { View } from "../view.ts";

/** `/balance/transactions`: the balance transactions behind a figure. */
export const balanceTransactionsView: View = balanceListView({
  path: "/balance/transactions",
  title: "Balance transactions",
  order: "when they count",
  fields: [
    { name: "reporting_category", label: "Category", placeholder: "all; charge,refund for two" },
    { name: "payout", label: "Payout", placeholder: "po_…" },
    { name: "balance_type", label: "Balance type", placeholder: "payments" },
  ],
  async read(api, search) {
    const response = await api.transactions(search);
    return { rows: response.transactions, response };
  },
  columns: transactionColumns,
});
