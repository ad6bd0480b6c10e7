import type { Books } from "@takings/domain";

/** A PaymentIntent, charge, refund or dispute, in some books. */
export type PaymentObject = Books & { readonly objectId: string };

/** Tells books apart. */
export function booksKey({ account, livemode }: Books): string {
  return `${livemode} ${account ?? ""}`;
}

/** Tells the objects of all books apart. */
export function objectKey({ objectId, ...books }: PaymentObject): string {
  return `${objectId} ${booksKey(books)}`;
}

/** The books that a row is in, where the platform's account is empty. */
export function booksOf({ account, livemode }: { account: string; livemode: boolean }): Books {
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
