import type { LedgerScope } from "@takings/domain";

/** A PaymentIntent, charge, refund or dispute, in some scope. */
export type PaymentObject = LedgerScope & { readonly objectId: string };

/** Tells scope apart. */
export function scopeKey({ account, livemode }: LedgerScope): string {
  return `${livemode} ${account ?? ""}`;
}

/** Tells the objects of all scope apart. */
export function objectKey({ objectId, ...scope }: PaymentObject): string {
  return `${objectId} ${scopeKey(scope)}`;
}

/** The scope that a row is in, where the platform's account is empty. */
export function scopeOf({ account, livemode }: { account: string; livemode: boolean }): LedgerScope {
  return { account: account === "" ? null : account, livemode };
}

/** Objects as columns for a statement: their ids, accounts (empty for the platform) and modes. */
export function objectColumns(objects: readonly PaymentObject[]): [string[], string[], boolean[]] {
  return [
    objects.map(({ objectId }) => objectId),
    objects.map(({ account }) => account ?? ""),
    objects.map(({ livemode }) => livemode),
  ];
}
