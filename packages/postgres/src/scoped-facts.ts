import type { ScopedFacts, LedgerScope, EventFacts, EventRecord } from "@takings/domain";
import { scopeKey } from "./payment-object.ts";

/** What an event states about payments, in the scope that it belongs to; none where it states nothing. */
export function scopedFacts({
  facts,
  account,
  livemode,
}: Pick<EventRecord, "facts" | "account" | "livemode">): readonly ScopedFacts[] {
  return facts === undefined || livemode === null ? [] : [{ account, livemode, facts }];
}

type FactsOfScope = { readonly scope: LedgerScope; readonly facts: readonly EventFacts[] };

/** Facts by the {@link scopeKey key} of the scope that they are in. */
export function groupByScope(all: readonly ScopedFacts[]): ReadonlyMap<string, FactsOfScope> {
  const grouped = new Map<string, { readonly scope: LedgerScope; readonly facts: EventFacts[] }>();
  for (const { account, livemode, facts } of all) {
    const key = scopeKey({ account, livemode });
    const known = grouped.get(key);
    if (known === undefined) grouped.set(key, { scope: { account, livemode }, facts: [facts] });
    else known.facts.push(facts);
  }
  return grouped;
}
