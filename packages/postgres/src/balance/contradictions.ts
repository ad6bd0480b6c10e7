import { messageIdOf } from "@takings/domain";
import type { ClientBase } from "pg";
import { contradictionBetween } from "./fold.ts";
import { keyOfFact, type LockedBalance } from "./lock-balance.ts";
import { compareSaid, type SaidFact, saidFacts } from "./said-fact.ts";

/** What an event states about the balance, and when. */
type SayingEvent = Parameters<typeof saidFacts>[0];

/**
 * Why readings that begin to count contradict an earlier one, by `messageIdOf`. Of several readings of an object that is not
 * known yet, the one that was said first is the earlier one.
 */
export function contradictionsAmong(
  events: readonly SayingEvent[],
  { transactions }: LockedBalance,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const first = new Map<string, SaidFact>();
  for (const said of events.flatMap(saidFacts).toSorted((a, b) => compareSaid(a.said, b.said))) {
    if (said.fact.kind !== "transaction") continue;
    const key = keyOfFact(said);
    const earlier = first.get(key)?.fact;
    const inBatch = earlier?.kind === "transaction" ? earlier.transaction : undefined;
    const known = transactions.get(key)?.fact ?? inBatch;
    if (known === undefined) first.set(key, said);
    const contradiction = known && contradictionBetween(known, said.fact.transaction);
    if (contradiction !== undefined)
      found.set(messageIdOf({ source: said.source, eventId: said.said.eventId }), contradiction);
  }
  return found;
}

const storedText = `
  select event_id, source from takings.events
  where event_id = any($1::text[]) and source = any($2::text[])`;

/**
 * Why readings of a batch contradict an earlier one, by `messageIdOf`. What is locked must contain their balance
 * transactions.
 */
export async function contradictionsOfBatch(
  client: ClientBase,
  events: readonly SayingEvent[],
  locked: LockedBalance,
): Promise<ReadonlyMap<string, string>> {
  const found = contradictionsAmong(events, locked);
  if (found.size === 0) return found;
  // A delivery of an event that is stored already states nothing, so it is not the earlier reading of another one.
  const { rows } = await client.query<{ event_id: string; source: string }>(storedText, [
    events.map(({ eventId }) => eventId),
    [...new Set(events.map(({ source }) => source))],
  ]);
  const stored = new Set(rows.map(({ event_id: eventId, source }) => messageIdOf({ source, eventId })));
  return contradictionsAmong(
    events.filter((event) => !stored.has(messageIdOf(event))),
    locked,
  );
}
