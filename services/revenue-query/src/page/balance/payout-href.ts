import { defaultSource } from "@takings/domain";
import type { PayoutRow } from "../../responses/payout.ts";
import { link } from "../links.ts";

/** The view of one payout of a list, in the mode and as of the time that the list was asked for. */
export function payoutHref(
  { id, source, account }: Pick<PayoutRow, "id" | "source" | "account">,
  search: URLSearchParams,
): string {
  return link(`/payouts/${encodeURIComponent(id)}`, {
    account: account ?? undefined,
    livemode: search.get("livemode") ?? undefined,
    source: source === defaultSource ? undefined : source,
    as_recorded_at: search.get("as_recorded_at") ?? undefined,
  });
}
