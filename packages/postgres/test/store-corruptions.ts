import type { Pool } from "pg";
import { differencesBetween } from "../src/rebuild/ledger-fields.ts";
import { createPayloadCodec } from "../src/columns/payload-codec.ts";
import { comparedPayments } from "../src/rebuild/compared-payments.ts";
import { readAllEvents } from "../src/rebuild/stored-events.ts";

/** Describes where the ledger, the gaps and the links of a store differ from what follows from its events. */
export async function storeCorruptions(admin: Pool): Promise<readonly string[]> {
  const client = await admin.connect();
  const faults: string[] = [];
  await client.query("begin isolation level repeatable read read only");
  try {
    for await (const page of readAllEvents(client, createPayloadCodec()))
      faults.push(
        ...page.filter(({ isLinked }) => !isLinked).map(({ eventId }) => `${eventId} is not linked`),
      );
    for await (const { entries, gaps } of comparedPayments(client)) {
      for (const { id, stored, derived } of entries)
        if (!stored || !derived)
          faults.push(`${id} is ${stored ? "not in the events" : "not in the ledger"}`);
        else faults.push(...differencesBetween(stored, derived).map((difference) => `${id} ${difference}`));
      for (const { id, stored, derived } of gaps)
        if (stored !== derived) faults.push(`gap ${id}: ${stored}, by the events ${derived}`);
    }
    return faults;
  } finally {
    await client.query("rollback");
    client.release();
  }
}
