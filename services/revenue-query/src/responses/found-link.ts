import { defaultSource, type FoundObject } from "@takings/domain";

/** The link to something that was found. */
export function linkTo({ kind, id, source, account, livemode }: FoundObject): string {
  const query = new URLSearchParams();
  if (kind === "object") query.set("object_id", id);
  if (kind === "balance_transaction") query.set("id", id);
  if (source !== defaultSource) query.set("source", source);
  if (kind === "balance_transaction") {
    if (account !== null) query.set("account", account);
    query.set("livemode", String(livemode));
  }
  const path = pathOf[kind](encodeURIComponent(id));
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

const pathOf: Readonly<Record<FoundObject["kind"], (id: string) => string>> = {
  event: (id) => `/v1/events/${id}`,
  payment: (id) => `/v1/payments/${id}`,
  payout: (id) => `/v1/payouts/${id}`,
  balance_transaction: () => "/v1/balance/transactions",
  object: () => "/v1/events",
};
