import type { CategoryRow } from "../../responses/category-total.ts";
import type { Money } from "../../responses/money.ts";
import type { PayoutWithMembers } from "../../responses/payout.ts";
import type { Formats } from "../format/formats.ts";
import { html, type Html } from "../html.ts";
import { viewOf } from "../links.ts";
import { figure } from "../overview/figure.ts";
import { table } from "../parts/table.ts";
import { categoryColumns, netRow } from "./category-columns.ts";

/** What a payout consists of, as an addition: its members by category, what is unexplained, and its amount. */
export function payoutMembers(payout: PayoutWithMembers, formats: Formats): Html | "" {
  const { members, unexplained, amount, currency, id } = payout;
  if (members === null || unexplained === null) return "";
  const href = viewOf(payout.transactions);
  const sum = (title: string, field: string, value: Money): Html =>
    netRow(title, figure({ amount: value, currency, field, href }, formats));
  return table<CategoryRow>({
    label: "What the payout consists of",
    caption: html`The members of payout <code>${id}</code> by reporting category; its own transaction aside`,
    columns: categoryColumns(currency, formats),
    rows: members,
    empty: "Stripe lists no transactions for it.",
    foot: html`${sum("+ Unexplained", "unexplained", unexplained)}
${sum("= Payout", "amount", amount)}`,
  });
}
