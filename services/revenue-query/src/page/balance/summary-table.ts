import type { CategoryRow } from "../../responses/category-total.ts";
import type { SummaryResponse } from "../../routes/balance-summary.ts";
import type { Formats } from "../format/formats.ts";
import type { Html } from "../html.ts";
import { link, viewOf } from "../links.ts";
import { figure } from "../overview/figure.ts";
import { table } from "../parts/table.ts";
import { categoryColumns, netRow } from "./category-columns.ts";

type CurrencyActivity = SummaryResponse["currencies"][number];

/** What a table of one currency is made from. */
export type SummaryTableOptions = {
  readonly one: CurrencyActivity;
  readonly summary: SummaryResponse;
  readonly caption: Html;
  readonly formats: Formats;
};

/** The summary of one currency as an addition: starting balance, activity and payouts make the ending balance. */
export function summaryTable({ one, summary, caption, formats }: SummaryTableOptions): Html {
  const { currency, activity, payouts } = one;
  const edge = (title: string, field: "starting_balance" | "ending_balance", end: string | null): Html => {
    const href = transactionsUpTo(viewOf(one.transactions), end);
    return netRow(title, figure({ amount: one[field], currency, field, href }, formats));
  };
  return table<CategoryRow>({
    label: `What changed the balance in ${currency.toUpperCase()}`,
    caption,
    columns: categoryColumns(currency, formats),
    first: edge("Starting balance", "starting_balance", summary.from ?? beginning),
    rows: [...activity, { ...payouts, reporting_category: "payouts" }],
    foot: edge("= Ending balance", "ending_balance", summary.to),
    empty: "",
  });
}

/** Where a range without a start begins; no transaction is earlier. */
const beginning = "0001-01-01T00:00:00Z";

/** The transactions of a range, and all before it: they add up to the balance at its end. */
function transactionsUpTo(view: string, to: string | null): string {
  const [path = "", query] = view.split("?");
  const search = new URLSearchParams(query);
  search.delete("from");
  search.delete("to");
  if (to !== null) search.set("to", to);
  return link(path, search);
}
