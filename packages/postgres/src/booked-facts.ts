import type { BookedFacts, EventRecord } from "@takings/domain";

/** What an event states about payments, in the books that it belongs to; none where it states nothing. */
export function bookedFacts({
  facts,
  account,
  livemode,
}: Pick<EventRecord, "facts" | "account" | "livemode">): readonly BookedFacts[] {
  return facts === undefined || livemode === null ? [] : [{ account, livemode, facts }];
}
