/** What an id can be found as. */
export const foundKinds = ["event", "payment", "payout", "balance_transaction", "object"] as const;

/** Something stored that an id led to. */
export type FoundObject = {
  readonly kind: (typeof foundKinds)[number];
  /** Its own id, which is that of a payment for the id of one of its refunds. */
  readonly id: string;
  readonly source: string;
  /** `null`: the platform itself. */
  readonly account: string | null;
  /** `null`: an event that does not say it. */
  readonly livemode: boolean | null;
};
