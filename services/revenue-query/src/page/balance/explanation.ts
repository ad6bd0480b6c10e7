import type { PayoutRow } from "../../responses/payout.ts";
import { docsLink } from "../docs-link.ts";
import type { Formats } from "../format/formats.ts";
import { type Html, html } from "../html.ts";

/** Whether the members of a payout are known to add up to it. */
export function isExplained({ unexplained }: Pick<PayoutRow, "unexplained">): boolean {
  return unexplained !== null && BigInt(unexplained.minor) === 0n;
}

/** Whether the members of a payout add up to it, what it means if not, and why it is not known. */
export function explanation(payout: PayoutRow, formats: Formats): Html {
  const { unexplained, currency } = payout;
  if (unexplained === null)
    return html`<p class="notice">What it consists of is not known: ${unknownBecause(payout)}.</p>`;
  if (isExplained(payout)) {
    return html`<p class="notice">Explained in full: the transactions that Stripe lists for it add up to its amount.</p>`;
  }
  return html`<p class="warning" role="status">${formats.money(unexplained, currency, "unexplained")} of it is unexplained: the transactions that Stripe lists for this payout do not add up to its amount. A member may be in quarantine, or Stripe may have changed the list after it was read. <code>takings balance sync --from</code> a time before it was created reads it again (${docsLink("runbooks/TakingsPayoutUnexplained.md")}).</p>`;
}

function unknownBecause({ automatic, reconciliation_status: status }: PayoutRow): Html | string {
  if (!automatic) return "Stripe does not tell the transactions of manual and instant payouts";
  if (status === null) return "Stripe has not said whether its list of transactions is complete";
  if (status !== "completed") return html`its reconciliation at Stripe is not completed (${status})`;
  return html`not all of its transactions have been read; the next round of <code>takings balance sync</code> reads them`;
}
