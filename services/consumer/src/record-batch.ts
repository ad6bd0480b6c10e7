import { type Arrival, type EventRecord, type PaymentWriter, TakingsError } from "@takings/domain";

/** What became of a batch: which ids were new, and the records as they were stored in the end. */
export type Recorded = { readonly fresh: ReadonlySet<string>; readonly records: readonly EventRecord[] };

/**
 * Records a batch. If the store refuses its content, the batch is halved until the event that is refused stands
 * alone; that one is quarantined and its neighbours are recorded as if it had not been there.
 * @throws TakingsError `unavailable` when nothing or something unknown was stored: record the batch again.
 */
export async function recordBatch(writer: PaymentWriter, batch: readonly Arrival[]): Promise<Recorded> {
  try {
    return { fresh: await writer.record(batch), records: batch };
  } catch (error) {
    if (!(error instanceof TakingsError) || error.code !== "invalid") throw error;
    const [only, ...others] = batch;
    if (only === undefined) throw error;
    if (others.length > 0) return inHalves(writer, batch);
    // Refused even without its claims, it would be refused for ever: then the error must reach a person.
    if (only.status === "quarantined") throw new TakingsError("unavailable", error.message, { cause: error });
    return recordBatch(writer, [refused(only, `refused by the store: ${error.message}`)]);
  }
}

async function inHalves(writer: PaymentWriter, batch: readonly Arrival[]): Promise<Recorded> {
  const middle = Math.ceil(batch.length / 2);
  const first = await recordBatch(writer, batch.slice(0, middle));
  const second = await recordBatch(writer, batch.slice(middle));
  return {
    fresh: first.fresh.union(second.fresh),
    records: [...first.records, ...second.records],
  };
}

/** The same event kept without being counted, because the store itself refuses what it says. */
function refused(record: Arrival, reason: string): Arrival {
  return { ...record, status: "quarantined", reason, claims: [] };
}
