import { html } from "../html.ts";
import { viewOf } from "../links.ts";
import type { View } from "../view.ts";

/** `/`: the money at a glance. */
export const overviewView: View = {
  path: "/",
  async show({ search, api, formats }) {
    const { totals } = await api.revenue(search);
    return {
      title: "Revenue",
      isLive: true,
      main: html`<h1>Revenue</h1>
${totals.map(
  (total) =>
    html`<p><a href="${viewOf(total.ledger)}">${formats.money(total.net, total.currency, "net")}</a></p>`,
)}`,
    };
  },
};
