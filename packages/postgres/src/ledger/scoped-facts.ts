import {
  connectedGroups,
  type EventFacts,
  type EventRecord,
  type LedgerScope,
  objectsOf,
  type ScopedFacts,
} from "@takings/domain";
import { type PaymentObject, scopeKey } from "./payment-objects.ts";

/** The facts of an event in their scope; empty where it has none. */
export function scopedFacts({
  facts,
  source,
  account,
  livemode,
}: Pick<EventRecord, "facts" | "source" | "account" | "livemode">): readonly ScopedFacts[] {
  return facts === undefined || livemode === null ? [] : [{ source, account, livemode, facts }];
}

type FactsOfScope = { readonly scope: LedgerScope; readonly facts: readonly EventFacts[] };

/** Groups facts by the {@link scopeKey key} of their scope. */
export function groupByScope(all: readonly ScopedFacts[]): ReadonlyMap<string, FactsOfScope> {
  const grouped = new Map<string, { readonly scope: LedgerScope; readonly facts: EventFacts[] }>();
  for (const { source, account, livemode, facts } of all) {
    const scope = { source, account, livemode };
    const key = scopeKey(scope);
    const known = grouped.get(key);
    if (known === undefined) grouped.set(key, { scope, facts: [facts] });
    else known.facts.push(facts);
  }
  return grouped;
}

/** Objects that belong to one payment, according to some events. */
export type ObjectGroup = LedgerScope & { readonly objects: ReadonlySet<string> };

/** The groups of objects that are connected by these facts alone. */
export function groupObjects(facts: readonly ScopedFacts[]): readonly ObjectGroup[] {
  return [...groupByScope(facts).values()].flatMap(({ scope, facts: ofScope }) =>
    connectedGroups(ofScope, objectsOf).map(({ objects }) => ({ ...scope, objects })),
  );
}

/** The objects of a group, each in its scope. */
export function objectsOfGroup({ objects, ...scope }: ObjectGroup): readonly PaymentObject[] {
  return [...objects].map((objectId) => ({ ...scope, objectId }));
}
