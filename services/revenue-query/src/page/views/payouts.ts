import { balanceListView } from "../balance/balance-list-view.ts";
import { payoutColumns } from "../balance/payout-columns.ts";
import type { View } from "../view.ts";

/** `/payouts`: payouts to the bank, and what of them is unexplained. */
export const payoutsView: View = balanceListView({
  path: "/payouts",
  title: "Payouts",
  order: "arrival date",
  fields: [{ name: "status", label: "Status", placeholder: "any" }],
  async read(api, search) {
    const response = await api.payouts(search);
    return { rows: response.payouts, response };
  },
  columns: payoutColumns,
});
