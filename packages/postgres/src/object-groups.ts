import { type BookedFacts, type Books, groupsSharing, objectsOf } from "@takings/domain";
import { byBooks } from "./booked-facts.ts";
import type { PaymentObject } from "./payment-object.ts";

/** Objects that some events say belong to one payment. */
export type ObjectGroup = Books & { readonly objects: ReadonlySet<string> };

/** What of these facts belongs together by what they say themselves. */
export function groupObjects(spoken: readonly BookedFacts[]): readonly ObjectGroup[] {
  return [...byBooks(spoken).values()].flatMap(({ books, facts }) =>
    groupsSharing(facts, objectsOf).map(({ objects }) => ({ ...books, objects })),
  );
}

/** The objects of a group, each in its books. */
export function objectsOfGroup({ account, livemode, objects }: ObjectGroup): readonly PaymentObject[] {
  return [...objects].map((objectId) => ({ account, livemode, objectId }));
}
