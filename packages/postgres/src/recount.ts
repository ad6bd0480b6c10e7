import { entryId, type LedgerClaim, mergeClaims } from "@takings/domain";
import type { ClientBase } from "pg";
import { z } from "zod";
import { decodeClaims } from "./claims-column.ts";
import { cursorRows } from "./cursor-rows.ts";
import {
  type EntryFields,
  fieldsOf,
  parseStoredEntry,
  type StoredEntry,
  storedEntryColumns,
} from "./ledger-fields.ts";

/** An entry on both sides; what is `undefined` is not there. At least one side is. */
export type ComparedEntry = {
  readonly id: string;
  readonly kept: StoredEntry | undefined;
  readonly recounted: EntryFields | undefined;
};

// The id of an entry as `entryId` makes it, so that both sides come in its order: that of bytes, whatever the database
// sorts by (Danish puts "aa" after "z"). Claims of a form that cannot be read are a fault of their event, which is told
// where events are held against their bodies.
const claimsText = `
  select 'le_' || left(encode(sha256(
      convert_to(claim ->> 'kind', 'UTF8') || '\\x00'
      || convert_to(coalesce(case when claim ? 'account' then claim ->> 'account' else account end, ''), 'UTF8') || '\\x00'
      || convert_to(coalesce((claim ->> 'livemode')::boolean, livemode)::text, 'UTF8') || '\\x00'
      || convert_to(coalesce(claim ->> 'object_id', object_id), 'UTF8')
    ), 'hex'), 32) collate "C" as entry_id,
    event_id, created, livemode, account, object_id, payment_intent, claim
  from takings.events
  cross join lateral jsonb_array_elements(case when jsonb_typeof(claims) = 'array' then claims else '[]' end) as claim
  where claims is not null and status = 'processed' and jsonb_typeof(claim) = 'object'
    and coalesce(claim ->> 'livemode', 'true') in ('true', 'false')
  order by 1`;

const ledgerText = `select ${storedEntryColumns} from takings.ledger order by ledger.id`;

const claimRow = z.object({
  entry_id: z.string().nullable(),
  event_id: z.string(),
  created: z.date(),
  livemode: z.boolean().nullable(),
  account: z.string().nullable(),
  object_id: z.string().nullable(),
  payment_intent: z.string().nullable(),
  claim: z.unknown(),
});

/**
 * Every entry of the ledger beside what the events claim of it, by what is kept of the claims, in the order of ids.
 * Both sides are read in step from the client's open transaction, which must see one snapshot, so the memory it takes
 * does not grow with the ledger. A reader's rights will do.
 */
export async function* comparedEntries(client: ClientBase): AsyncGenerator<ComparedEntry> {
  const keptSide = storedEntries(client);
  const recountedSide = recountedEntries(client);
  let kept = await next(keptSide);
  let recounted = await next(recountedSide);
  while (kept !== undefined || recounted !== undefined) {
    const order = orderOf(kept, recounted);
    const id = (order <= 0 ? kept?.id : recounted?.id) ?? "";
    yield { id, kept: order <= 0 ? kept : undefined, recounted: order >= 0 ? recounted : undefined };
    if (order <= 0) kept = await next(keptSide);
    if (order >= 0) recounted = await next(recountedSide);
  }
}

async function* storedEntries(client: ClientBase): AsyncGenerator<StoredEntry> {
  for await (const row of cursorRows(client, "stored_entry", ledgerText)) yield parseStoredEntry(row);
}

async function* recountedEntries(client: ClientBase): AsyncGenerator<EntryFields> {
  let claims: LedgerClaim[] = [];
  let current: string | undefined;
  for await (const row of cursorRows(client, "claim", claimsText)) {
    const { entry_id: id, claim, event_id: eventId, ...event } = claimRow.parse(row);
    const [read] = decoded(claim, {
      ...event,
      eventId,
      objectId: event.object_id,
      paymentIntent: event.payment_intent,
    });
    if (read === undefined) continue;
    if (id !== entryId(read))
      throw new Error(`the entry of a claim of event ${eventId} is ${entryId(read)}, and not ${id}`);
    if (id !== current) yield* merged(claims);
    if (id !== current) claims = [];
    current = id;
    claims.push(read);
  }
  yield* merged(claims);
}

function decoded(claim: unknown, event: Parameters<typeof decodeClaims>[1]): readonly LedgerClaim[] {
  try {
    return decodeClaims([claim], event);
  } catch {
    return [];
  }
}

function merged(claims: readonly LedgerClaim[]): readonly EntryFields[] {
  return [...mergeClaims(claims)].map(([id, claim]) => fieldsOf(id, claim));
}

/** In the order of bytes, as the database sorts ids. */
function orderOf(kept: EntryFields | undefined, recounted: EntryFields | undefined): number {
  if (kept === undefined) return 1;
  if (recounted === undefined) return -1;
  return Buffer.compare(Buffer.from(kept.id), Buffer.from(recounted.id));
}

async function next<T>(side: AsyncGenerator<T>): Promise<T | undefined> {
  const { value, done } = await side.next();
  return done === true ? undefined : value;
}
