import { moneyOf } from "../../responses/money.ts";
import type { Total } from "../../responses/total.ts";
import type { LedgerResponse } from "../../routes/ledger.ts";
import type { Formats } from "../format/formats.ts";
import { type Html, html } from "../html.ts";
import { type Column, table } from "../parts/table.ts";
import { type EntrySums, sumsOf } from "./sums.ts";

/** What is told of the figures behind which entries are. */
export type LedgerTotalsOptions = {
  readonly page: LedgerResponse;
  /** The totals of the whole list, as of the instant of the page. */
  readonly totals: readonly Total[];
  /** Whether the page is the whole list. */
  readonly isWhole: boolean;
  readonly formats: Formats;
};

/** The figures that the entries of a list add up to, and what those of the page do, per currency. */
export function ledgerTotals({ page, totals, isWhole, formats }: LedgerTotalsOptions): Html {
  const sums = new Map(sumsOf(page.entries).map((sum) => [sum.currency, sum]));
  const columns: Column<Total>[] = [
    { title: "Currency", isHeading: true, cell: ({ currency }) => currency.toUpperCase() },
    ...(["gross", "refunded", "disputed", "net"] as const).map(
      (field): Column<Total> => ({
        title: titles[field],
        isNumber: true,
        cell: (total) => formats.money(total[field], total.currency, field),
      }),
    ),
    {
      title: "Entries on this page",
      isNumber: true,
      cell: ({ currency }) => countOf(sums.get(currency), formats),
    },
    { title: "Their sum", isNumber: true, cell: ({ currency }) => sumText(sums.get(currency), formats) },
  ];
  return html`<section class="totals" aria-labelledby="totals">
<h2 id="totals">What they add up to</h2>
${table({ label: "Totals", caption: "Of the whole list, and of this page", columns, rows: totals, empty: "Nothing." })}
${isWhole && totals.length > 0 && agreement(totals, sums)}
</section>`;
}

const titles = { gross: "Gross", refunded: "Refunded", disputed: "Disputed", net: "Net" } as const;

type Sums = ReadonlyMap<string, EntrySums>;

/** Read with separate statements as of the same instant, so this holds; it is compared because a reader wants to know. */
function agreement(totals: readonly Total[], sums: Sums): Html {
  const isEqual = totals.every((total) => total.net.minor === String(sums.get(total.currency)?.net ?? 0n));
  return isEqual
    ? html`<p class="notice">All entries are on this page, and add up to the net exactly.</p>`
    : html`<p class="warning" role="status">The entries do not add up to the net. Please report this.</p>`;
}

function countOf(sum: EntrySums | undefined, formats: Formats): string {
  return formats.count(sum?.entries ?? 0);
}

function sumText(sum: EntrySums | undefined, formats: Formats): Html | null {
  return sum === undefined ? null : formats.money(moneyOf(sum.net, sum.currency), sum.currency, "sum");
}
