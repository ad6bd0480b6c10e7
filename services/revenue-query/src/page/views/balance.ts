import type { BalanceResponse } from "../../routes/balance.ts";
import { atField, balanceFormView } from "../balance/balance-form.ts";
import { balanceNav } from "../balance/balance-nav.ts";
import { standing } from "../balance/standing.ts";
import type { Formats } from "../format/formats.ts";
import { html } from "../html.ts";
import { link, viewOf } from "../links.ts";
import { figure } from "../overview/figure.ts";
import { exportsNav } from "../parts/exports.ts";
import { fold } from "../parts/fold.ts";
import { filterText } from "../parts/filter-text.ts";
import { showWithForm } from "../parts/show-with-form.ts";
import { type Column, table } from "../parts/table.ts";
import type { View } from "../view.ts";

type Row = BalanceResponse["balances"][number];

const path = "/balance";
const title = "Balance";

/** `/balance`: what Stripe holds at an instant. */
export const balanceView: View = {
  path,
  show: ({ search, api, formats }) =>
    showWithForm(balanceFormView({ title, path, fields: [atField] }, search), async (form) => {
      const response = await api.balance(search);
      const { balances: rows, at, timezone, livemode, account } = response;
      const shown = new URLSearchParams(search);
      shown.set("at", at);
      const filter = filterText({ search: shown, formats, livemode, account });
      return {
        title,
        isLive: !search.has("as_recorded_at"),
        main: html`<h1>${title}</h1>
${balanceNav(path, search)}
${standing({ response, isEmpty: rows.length === 0, search, formats })}
${fold("Filter", form)}
${table<Row>({
  label: "Balance per settlement currency",
  caption: html`What Stripe holds, ${filter}`,
  columns: columnsOf(response, formats),
  rows,
  empty: html`No balance: ${filter}.`,
})}
${rows.length > 0 && exportsNav({ path, search: shown, asOf: response.as_of })}
<p>The total is what is available and what is pending. A payout leaves it when it arrives at the bank; in the balance that Stripe shows it is missing from its creation on, so that is the total less what is on its way.</p>
<p class="screen-only"><a href="${link("/balance/summary", { ...scopeOf(search), to: at, timezone })}">What changed the balance until then</a></p>`,
      };
    }),
};

function columnsOf(response: BalanceResponse, formats: Formats): Column<Row>[] {
  const column = (title: string, field: "total" | "available" | "pending"): Column<Row> => ({
    title,
    isNumber: true,
    cell: (row) => {
      const { currency, transactions } = row;
      const href = viewOf(transactions);
      return figure({ amount: row[field], currency, field, href, isMain: field === "total" }, formats);
    },
  });
  return [
    { title: "Currency", isHeading: true, cell: ({ currency }) => currency.toUpperCase() },
    column("Available", "available"),
    column("Pending", "pending"),
    column("Total", "total"),
    {
      title: "On its way to the bank",
      isNumber: true,
      cell: (row) => {
        const href = arrivingHref(row, response);
        return figure({ amount: row.in_transit, currency: row.currency, field: "in_transit", href }, formats);
      },
    },
  ];
}

/** The payouts that arrive from the instant on, in the scope of the row. */
function arrivingHref({ transactions, currency }: Row, { at }: BalanceResponse): string {
  const scope = new URLSearchParams(transactions.slice(transactions.indexOf("?") + 1));
  scope.delete("to");
  return link("/payouts", { from: at, ...Object.fromEntries(scope), currency });
}

const scopeNames = ["currency", "account", "livemode", "source", "as_recorded_at"];

function scopeOf(search: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...search].filter(([name]) => scopeNames.includes(name)));
}
