import type { EventFacts, ShownObject } from "./event-facts.ts";

/** The ids of all payment objects in an event: those that it shows, and those that these name. */
export function objectsOf({ shows }: Pick<EventFacts, "shows">): ReadonlySet<string> {
  return new Set(shows.flatMap((seen) => [seen.id, ...namedBy(seen)]));
}

function namedBy(seen: ShownObject): readonly string[] {
  switch (seen.object) {
    case "payment_intent":
      return given(seen.latestCharge);
    case "charge":
      return given(seen.paymentIntent);
    case "refund":
    case "dispute":
      return given(seen.charge, seen.paymentIntent);
  }
}

function given(...ids: readonly (string | undefined)[]): string[] {
  return ids.filter((id) => id !== undefined);
}

const prefixes = ["pi_", "ch_", "py_"];

/**
 * Which of the objects of a payment represents it: a PaymentIntent, else a charge. A total order of ids, so the result
 * does not depend on the order in which payments are merged.
 */
export function representativeOf(ids: Iterable<string>): string {
  const [best, ...others] = ids;
  if (best === undefined) throw new Error("a payment has at least one object");
  return others.reduce((known, next) => (precedes(next, known) ? next : known), best);
}

function precedes(a: string, b: string): boolean {
  const [rankA, rankB] = [rankOf(a), rankOf(b)];
  return rankA === rankB ? a < b : rankA < rankB;
}

function rankOf(id: string): number {
  const rank = prefixes.indexOf(id.slice(0, 3));
  return rank < 0 ? prefixes.length : rank;
}

/** Groups the items that share objects, directly or through others. Each item has at least one object. */
export function connectedGroups<T>(
  items: readonly T[],
  objects: (item: T) => Iterable<string>,
): readonly { readonly objects: ReadonlySet<string>; readonly items: readonly T[] }[] {
  type Group = { readonly objects: Set<string>; readonly items: T[] };
  const groupOf = new Map<string, Group>();
  for (const item of items) {
    const ids = new Set(objects(item));
    const known = new Set([...ids].flatMap((id) => groupOf.get(id) ?? []));
    // The others are added to the largest, so that the items of a large payment are not copied repeatedly.
    const [group = { objects: new Set<string>(), items: [] }, ...others] = [...known].toSorted(
      (a, b) => b.items.length - a.items.length,
    );
    for (const other of others) group.items.push(...other.items);
    group.items.push(item);
    for (const id of [ids, ...others.map((other) => other.objects)].flatMap((of) => [...of])) {
      group.objects.add(id);
      groupOf.set(id, group);
    }
  }
  return [...new Set(groupOf.values())];
}
