import type { BookedFacts, Books, EventFacts, EventRecord } from "@takings/domain";
import { booksKey } from "./payment-object.ts";

/** What an event states about payments, in the books that it belongs to; none where it states nothing. */
export function bookedFacts({
  facts,
  account,
  livemode,
}: Pick<EventRecord, "facts" | "account" | "livemode">): readonly BookedFacts[] {
  return facts === undefined || livemode === null ? [] : [{ account, livemode, facts }];
}

type FactsOfBooks = { readonly books: Books; readonly facts: readonly EventFacts[] };

/** Facts by the {@link booksKey key} of the books that they are in. */
export function byBooks(all: readonly BookedFacts[]): ReadonlyMap<string, FactsOfBooks> {
  const grouped = new Map<string, { readonly books: Books; readonly facts: EventFacts[] }>();
  for (const { account, livemode, facts } of all) {
    const key = booksKey({ account, livemode });
    const known = grouped.get(key);
    if (known === undefined) grouped.set(key, { books: { account, livemode }, facts: [facts] });
    else known.facts.push(facts);
  }
  return grouped;
}
