import { type PositionedRecord, type PaymentWriter, TakingsError } from "@takings/domain";

/** The store, as far as a batch needs it. */
export type Store = {
  readonly writer: PaymentWriter;
  /** Succeeds where the store takes an ordinary event at present; what fails then fails because of what is in it. */
  readonly probe: () => Promise<void>;
};

/** The record of last resort of an event: nothing in it comes from its body but the body itself. */
export type Fallback = (record: PositionedRecord, why: string) => PositionedRecord;

/** What became of a batch. */
export type Recorded = {
  /** The ids that were new. */
  readonly fresh: ReadonlySet<string>;
  /** The records as they were stored in the end, place by place of the batch; `undefined` where nothing was stored. */
  readonly records: readonly (PositionedRecord | undefined)[];
  /** The places of events that failed alone, and how often so far, while the store took others. */
  readonly stuck: ReadonlyMap<number, number>;
  /** Why something was not stored, where that is so. */
  readonly error?: unknown;
};

export type Recorder = (batch: readonly PositionedRecord[], fallback: Fallback) => Promise<Recorded>;

/** So often must an event have failed alone, with an answer of the database that is no plain word about its values. */
const quarantineAfterFailures = 3;
/** Bounds what is remembered of events that failed and came no more. */
const maxRemembered = 1_000;

/**
 * Records batches. A batch that fails while the store is well is made smaller, whatever the error: it is about one of
 * the events, or it is too much for the time that a statement has. The size is remembered and grows again with success.
 * An event that is refused standing alone is quarantined; its neighbours are recorded as if it had not been there.
 */
export function createRecorder({ writer, probe }: Store): Recorder {
  let most = Infinity;
  const failedAlone = new Map<string, number>();
  const isStoreWell = (): Promise<boolean> =>
    probe().then(
      () => true,
      () => false,
    );

  return async (batch, fallback) => {
    const fresh = new Set<string>();
    const records: (PositionedRecord | undefined)[] = batch.map(() => undefined);
    const stuck = new Map<number, number>();
    let failure: { readonly error?: unknown } = {};
    const store = async (at: number, piece: readonly PositionedRecord[]): Promise<void> => {
      for (const id of await writer.record(piece)) fresh.add(id);
      for (const [index, record] of piece.entries()) {
        records[at + index] = record;
        failedAlone.delete(record.eventId);
      }
    };
    for (let at = 0; at < batch.length; ) {
      const piece = batch.slice(at, at + most);
      try {
        await store(at, piece);
        most = Math.min(most * 2, Number.MAX_SAFE_INTEGER);
      } catch (error) {
        if (!isAboutValues(error) && !(await isStoreWell())) return { fresh, records, stuck, error };
        const [only, ...others] = piece;
        if (only === undefined || others.length > 0) {
          most = Math.ceil(piece.length / 2);
          continue;
        }
        const times = (failedAlone.get(only.eventId) ?? 0) + 1;
        if (failedAlone.size >= maxRemembered) failedAlone.clear();
        failedAlone.set(only.eventId, times);
        const unstored = isPoison(error, times)
          ? await failureOf(() => store(at, [fallback(only, reasonOf(error))]))
          : { error };
        if (unstored !== undefined) {
          failure = unstored;
          stuck.set(at, times);
        }
      }
      at += piece.length;
    }
    return { fresh, records, stuck, ...failure };
  };
}

/** Whether the database has said that these values cannot be stored; then no other attempt will help. */
function isAboutValues(error: unknown): boolean {
  return error instanceof TakingsError && error.code === "invalid";
}

/** Locks, timeouts and lost connections are held against no event, however often they meet the same one. */
function isPoison(error: unknown, times: number): boolean {
  if (isAboutValues(error)) return true;
  return !(error instanceof TakingsError) && times >= quarantineAfterFailures;
}

async function failureOf(work: () => Promise<void>): Promise<{ readonly error: unknown } | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return { error };
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
