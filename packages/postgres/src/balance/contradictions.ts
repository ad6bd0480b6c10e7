import type { ClientBase } from "pg";
import { contradictionBetween } from "./fold.ts";
import { keyOfFact, type LockedBalance } from "./lock-balance.ts";
import { compareSaid, type SaidFact, saidFacts } from "./said-fact.ts";

/** What an event states about the balance, and when. */
type SayingEvent = Parameters<typeof saidFacts>[0];

/**
 * Why readings that begin to count contradict an earlier one, by event id. Of several readings of an object that is not
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
    if (contradiction !== undefined) found.set(said.said.eventId, contradiction);
  }
  return found;
}

const storedText = "select event_id from takings.events where event_id = any($1::text[])";

/**
 * Why readings of a batch contradict an earlier one, by event id. What is locked must contain their balance
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
  const { rows } = await client.query<{ event_id: string }>(storedText, [
    events.map(({ eventId }) => eventId),
  ]);
  const stored = new Set(rows.map((row) => row.event_id));
  return contradictionsAmong(
    events.filter(({ eventId }) => !stored.has(eventId)),
    locked,
  );
}
