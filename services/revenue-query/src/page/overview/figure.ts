import type { Money } from "../../responses/money.ts";
import type { Formats } from "../format/formats.ts";
import { type Html, html, raw } from "../html.ts";

/** An amount to show. */
export type Figure = {
  readonly amount: Money;
  readonly currency: string;
  /** The name of the figure in the API. */
  readonly field: string;
  /** The view of what is behind it. */
  readonly href: string;
  /** Whether it is what the keys of a table's row lead to. */
  readonly isMain?: boolean;
};

/** An amount that leads to what is behind it. */
export function figure({ amount, currency, field, href, isMain = false }: Figure, formats: Formats): Html {
  const row = isMain && raw(" data-row");
  return html`<a href="${href}"${row}>${formats.money(amount, currency, field)}</a>`;
}

/** A difference that leads to what it is against, with its sign even where it is positive. */
export function signedFigure(of: Figure, formats: Formats): Html {
  return html`${BigInt(of.amount.minor) > 0n && "+"}${figure(of, formats)}`;
}
