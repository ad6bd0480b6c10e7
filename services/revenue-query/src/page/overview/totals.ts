import type { RevenueResponse } from "../../routes/revenue.ts";
import type { Settlement } from "../../responses/settlement.ts";
import type { Total } from "../../responses/total.ts";
import { moneyOf } from "../../responses/money.ts";
import type { Formats } from "../format/formats.ts";
import { type Html, html } from "../html.ts";
import { viewOf } from "../links.ts";
import { type Column, table } from "../parts/table.ts";
import { percentText } from "./change-text.ts";
import { figure, signedFigure } from "./figure.ts";
import { totalColumns } from "./total-columns.ts";

/** What the totals are compared with. */
export type Comparison = {
  readonly totals: RevenueResponse["totals"];
  /** The overview of that period, and its name. */
  readonly href: string;
  readonly name: Html | string;
};

/** What the table of totals shows. */
export type TotalsOptions = {
  readonly totals: RevenueResponse["totals"];
  readonly comparison: Comparison | undefined;
  readonly caption: Html;
  readonly zone: string;
  readonly formats: Formats;
};

type Row = {
  readonly currency: string;
  readonly total: Total | undefined;
  readonly before: Total | undefined;
};

/** One row per currency, each with its change of net against the compared period. Currencies are never added. */
export function totalsTable({ totals, comparison, caption, zone, formats }: TotalsOptions): Html {
  const before = comparison?.totals ?? [];
  const currencies = [...new Set([...totals, ...before].map(({ currency }) => currency))].toSorted();
  const find = (all: readonly Total[], currency: string): Total | undefined =>
    all.find((total) => total.currency === currency);
  return html`${table<Row>({
    label: "Totals per currency",
    caption,
    rows: currencies.map((currency) => ({
      currency,
      total: find(totals, currency),
      before: find(before, currency),
    })),
    empty: html`No entries: ${caption}.`,
    columns: [
      { title: "Currency", cell: ({ currency }) => currency.toUpperCase(), isHeading: true },
      ...totalColumns(({ total }: Row) => total, zone, formats),
      ...(comparison === undefined ? [] : [changeColumn(comparison, zone, formats)]),
    ],
  })}
${comparison !== undefined && html`<p class="compared">Change: net against <a href="${comparison.href}">${comparison.name}</a>.</p>`}`;
}

function changeColumn({ href }: Comparison, zone: string, formats: Formats): Column<Row> {
  return {
    title: "Change",
    isNumber: true,
    cell({ currency, total, before }) {
      const [now, then] = [BigInt(total?.net.minor ?? 0), BigInt(before?.net.minor ?? 0)];
      const amount = moneyOf(now - then, currency);
      const percent = percentText(now, then, formats) ?? "–";
      const target = before === undefined ? href : viewOf(before.ledger, zone);
      return html`${signedFigure({ amount, currency, field: "net_change", href: target }, formats)} (${percent})`;
    },
  };
}

/** What the payments, refunds and disputes of the range settled as, in the currencies of the balance. */
export function settlementTable(
  settlement: Settlement,
  { caption, zone, formats }: Pick<TotalsOptions, "caption" | "zone" | "formats">,
): Html {
  type Settled = Settlement["currencies"][number];
  const column = (title: string, of: "gross" | "fee" | "net", field: string): Column<Settled> => ({
    title,
    isNumber: true,
    cell: (one) =>
      figure(
        {
          amount: one[of],
          currency: one.currency,
          field,
          href: viewOf(one.transactions, zone),
          isMain: of === "net",
        },
        formats,
      ),
  });
  return table<Settled>({
    label: "Fees and settlement per settlement currency",
    caption,
    rows: settlement.currencies,
    empty: "No settled balance transactions in this range.",
    columns: [
      { title: "Settled in", cell: ({ currency }) => currency.toUpperCase(), isHeading: true },
      column("Settlement net", "net", "settlement_net"),
      column("Settlement gross", "gross", "settlement_gross"),
      column("Fees", "fee", "fee"),
      { title: "Transactions", cell: ({ count }) => formats.count(count), isNumber: true },
    ],
  });
}
