import { eventfulEvent, eventfulPayment } from "./generated-events.ts";
import { hostileAccount, hostileEventIds } from "./hostile-events.ts";

/** An address that shows a view, and with which status. */
export type ShownAt = { readonly name: string; readonly path: string; readonly status: number };

const october = "from=2026-10-01&to=2026-11-01";
const hostile = `account=${hostileAccount}`;
const hostileEvent = encodeURIComponent(hostileEventIds[1] ?? "");

/** Every view, some in several states. */
export const shownViews: readonly ShownAt[] = (
  [
    ["overview", `/?${october}`],
    ["overview of the current month", "/"],
    ["overview of nothing", "/?from=2020-01-01&to=2020-02-01"],
    ["overview of something impossible", "/?from=yesterday&to=2026-11-01&currency=dollars", 400],
    ["ledger", `/ledger?${october}`],
    ["ledger of nothing", "/ledger?from=2020-01-01&to=2020-02-01"],
    ["ledger of hostile ids", `/ledger?${hostile}`],
    ["event", `/events/${eventfulEvent}`],
    ["event with a hostile id and body", `/events/${hostileEvent}`],
    ["event that is not there", "/events/evt_nowhere", 404],
  ] as const
).map(([name, path, status = 200]) => ({ name, path, status }));

/** The payment with the most to tell. */
export const paymentPath: string = `/payments/${eventfulPayment}`;
