import type { ClientBase } from "pg";
import { z } from "zod";
import { readableBalance } from "../columns/balance-column.ts";
import { type BalanceObjectKey, balanceKey, objectOfFact, type SaidFact, saidFacts } from "./said-fact.ts";

/** The columns that {@link parseSaidFacts} reads, of `takings.events`. */
export const saidFactColumns: string = "event_id, source, created, received_at, account, livemode, balance";

// The own object of an event is what its fact is about. In the order of recording, because of two contradicting readings
// the first one counts.
const text = `
  select ${saidFactColumns} from takings.events
  where object_id = any($1::text[]) and source = any($2::text[]) and balance is not null and status = 'processed'
  order by recorded_at, event_id`;

const row = z.object({
  event_id: z.string(),
  source: z.string(),
  created: z.date(),
  received_at: z.date(),
  account: z.string().nullable(),
  livemode: z.boolean().nullable(),
  balance: z.unknown(),
});

/** Parses a row of {@link saidFactColumns}. Empty where what the event states cannot be read: `takings verify` reports it. */
export function parseSaidFacts(stored: unknown): readonly SaidFact[] {
  const { event_id: eventId, received_at: receivedAt, balance, ...of } = row.parse(stored);
  return saidFacts({ ...of, eventId, receivedAt, balance: readableBalance(balance, eventId) });
}

/** All that stored events say about these objects, by {@link balanceKey key}, in the order in which it was recorded. */
export async function readSaidFacts(
  client: ClientBase,
  objects: readonly BalanceObjectKey[],
): Promise<ReadonlyMap<string, readonly SaidFact[]>> {
  const said = new Map<string, SaidFact[]>(objects.map((object) => [balanceKey(object), []]));
  const { rows } = await client.query<Record<string, unknown>>(text, [
    objects.map(({ id }) => id),
    [...new Set(objects.map(({ source }) => source))],
  ]);
  for (const fact of rows.flatMap(parseSaidFacts)) said.get(balanceKey(objectOfFact(fact)))?.push(fact);
  return said;
}
