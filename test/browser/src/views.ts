import { eventfulEvent, eventfulPayment } from "./generated-events.ts";
import { hostileAccount, hostileEventIds } from "./hostile-events.ts";

/** The payment with the most to tell. */
export const paymentPath: string = `/payments/${eventfulPayment}`;

/** An address that shows a view, and with which status; one that ends with `=` goes on with an instant of recording. */
export type ShownAt = { readonly name: string; readonly path: string; readonly status: number };

/** Few days and short lists: rows differ in what they say, and all have the same form. */
const days = "from=2026-10-26&to=2026-11-01";
const hostile = `account=${hostileAccount}`;
const hostileEvent = encodeURIComponent(hostileEventIds[1] ?? "");

const payout = "po_1QusdWeek6";
const nothing = "from=2020-01-01&to=2020-02-01";

/** Every view, some in several states. */
export const shownViews: readonly ShownAt[] = (
  [
    ["overview", `/?${days}`],
    ["overview of the current month", "/"],
    ["overview of nothing", `/?${nothing}`],
    ["overview of something impossible", "/?from=yesterday&to=2026-11-01&currency=dollars", 400],
    ["overview as recorded earlier", `/?${days}&as_recorded_at=`],
    ["changes", `/revenue/changes?${days}&since=`],
    ["ledger", `/ledger?${days}&limit=10`],
    ["ledger of nothing", `/ledger?${nothing}`],
    ["ledger of hostile ids", `/ledger?${hostile}`],
    ["ledger of something impossible", "/ledger?from=yesterday", 400],
    ["payment", paymentPath],
    ["payment that is not there", "/payments/pi_nowhere", 404],
    ["events", `/events?${days}&limit=10`],
    ["event", `/events/${eventfulEvent}`],
    ["event with a hostile id and body", `/events/${hostileEvent}`],
    ["event that is quarantined", "/events/evt_quarantined"],
    ["gaps", "/gaps"],
    ["search", "/search"],
    ["search for what is not there", "/search?q=pi_nowhere"],
    ["payouts", "/payouts"],
    ["payout", `/payouts/${payout}`],
    ["balance", "/balance?at=2026-11-01"],
    ["balance summary", `/balance/summary?${days}`],
    ["balance transactions", `/balance/transactions?${days}&limit=10`],
    ["nothing at an address", "/nowhere", 404],
  ] as const
).map(([name, path, status = 200]) => ({ name, path, status }));
