import { type ScopedFacts, type LedgerScope, connectedGroups, objectsOf } from "@takings/domain";
import { groupByScope } from "./scoped-facts.ts";
import type { PaymentObject } from "./payment-object.ts";

/** Objects that some events say belong to one payment. */
export type ObjectGroup = LedgerScope & { readonly objects: ReadonlySet<string> };

/** What of these facts belongs together by what they say themselves. */
export function groupObjects(affectedFacts: readonly ScopedFacts[]): readonly ObjectGroup[] {
  return [...groupByScope(affectedFacts).values()].flatMap(({ scope, facts }) =>
    connectedGroups(facts, objectsOf).map(({ objects }) => ({ ...scope, objects })),
  );
}

/** The objects of a group, each in its scope. */
export function objectsOfGroup({ account, livemode, objects }: ObjectGroup): readonly PaymentObject[] {
  return [...objects].map((objectId) => ({ account, livemode, objectId }));
}
