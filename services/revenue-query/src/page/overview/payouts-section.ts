import type { PayoutRow } from "../../responses/payout.ts";
import type { BalanceResponse } from "../../routes/balance.ts";
import { isExplained } from "../balance/explanation.ts";
import { payoutColumns } from "../balance/payout-columns.ts";
import type { Formats } from "../format/formats.ts";
import { type Html, html } from "../html.ts";
import { link, viewOf } from "../links.ts";
import { type Column, table } from "../parts/table.ts";
import { figure } from "./figure.ts";
import { payoutDays, type RecentPayouts } from "./recent-payouts.ts";

const newestShown = 5;
const unexplainedShown = 20;

/** What is told of money on its way to the bank. */
export type PayoutsOptions = {
  readonly payouts: RecentPayouts;
  /** The query of the view of all of them. */
  readonly search: URLSearchParams;
  readonly formats: Formats;
};

/** The newest payouts, and those that are not explained by their members; nothing where there are no payouts. */
export function payoutsSection({ payouts, search, formats }: PayoutsOptions): Html | "" {
  const newestFirst = payouts.rows.toReversed();
  if (newestFirst.length === 0) return "";
  const unexplained = newestFirst.filter(isUnexplained).length;
  const rest = newestFirst.slice(newestShown).filter(isUnexplained).slice(0, unexplainedShown);
  const count = `${payouts.hasMore ? "more than " : ""}${formats.count(newestFirst.length)}`;
  return html`<section aria-labelledby="payouts">
<h2 id="payouts">Payouts</h2>
${unexplained > 0 && unexplainedWarning(unexplained, payouts, formats)}
${payouts.isPartial && html`<p class="notice">There are too many payouts to look through those of ${payoutDays} days, so these are of ${payouts.days} days${payouts.hasMore && ", and not the newest"}.</p>`}
${table<PayoutRow>({
  label: "Newest payouts",
  caption: `The ${payouts.hasMore ? "first" : "newest"} payouts, and those with an unexplained amount`,
  rows: [...newestFirst.slice(0, newestShown), ...rest],
  empty: "",
  columns: payoutColumns(search, formats),
})}
<p><a href="${link("/payouts", search)}">All payouts of these ${payouts.days} days</a> (${count})</p>
</section>`;
}

function unexplainedWarning(count: number, { isPartial }: RecentPayouts, formats: Formats): Html {
  const [verb, them] = count === 1 ? ["payout is", "it"] : ["payouts are", "them"];
  return html`<p class="warning" role="status">${isPartial && "At least "}${formats.count(count)} ${verb} not explained by the balance transactions that Stripe lists for ${them}.</p>`;
}

function isUnexplained({ unexplained }: PayoutRow): boolean {
  return unexplained !== null && !isExplained({ unexplained });
}

/** The balance of each settlement currency; nothing where no balance ledger is there. */
export function balanceSection(balance: BalanceResponse, formats: Formats): Html | "" {
  type Row = BalanceResponse["balances"][number];
  if (balance.balances.length === 0) return "";
  const column = (title: string, field: "total" | "available" | "pending" | "in_transit"): Column<Row> => ({
    title,
    isNumber: true,
    cell: (row) =>
      figure(
        {
          amount: row[field],
          currency: row.currency,
          field,
          href: viewOf(row.transactions, balance.timezone),
          isMain: field === "total",
        },
        formats,
      ),
  });
  return html`<section aria-labelledby="balance">
<h2 id="balance">Balance</h2>
${table<Row>({
  label: "Balance per settlement currency",
  caption: html`At Stripe, ${formats.instant(balance.at, balance.timezone)}`,
  rows: balance.balances,
  empty: "",
  columns: [
    { title: "Currency", cell: ({ currency }) => currency.toUpperCase(), isHeading: true },
    column("Total", "total"),
    column("Available", "available"),
    column("Pending", "pending"),
    column("On its way to the bank", "in_transit"),
  ],
})}
</section>`;
}
