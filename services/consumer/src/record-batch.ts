import { messageIdOf, type PaymentWriter, type PositionedRecord, TakingsError } from "@takings/domain";

/** The database, as far as batches need it. */
export type Store = {
  readonly writer: PaymentWriter;
  /** Succeeds when an ordinary event could be stored now; another event that fails then fails because of its content. */
  readonly probe: () => Promise<void>;
};

/** Makes the last-resort record of an event: it contains the body, but nothing read from it. */
export type Fallback = (record: PositionedRecord, why: string) => PositionedRecord;

/** The result of recording a batch. */
export type RecordResult = {
  /** The events that were new, by `messageIdOf`. */
  readonly fresh: ReadonlySet<string>;
  /** The records as stored, by index in the batch; `undefined` where nothing was stored. */
  readonly records: readonly (PositionedRecord | undefined)[];
  /** How often events failed alone while others could be stored, by index in the batch. */
  readonly stuck: ReadonlyMap<number, number>;
  /** Why something was not stored, where that is so. */
  readonly error?: unknown;
};

/** Records a batch. Never rejects because of an event; see {@link createRecorder}. */
export type Recorder = (batch: readonly PositionedRecord[], fallback: Fallback) => Promise<RecordResult>;

/** An event is quarantined after failing alone this often with an error that does not clearly concern its values. */
const quarantineAfterFailures = 3;
/** Bounds the memory for events that failed and were not delivered again. */
const maxRemembered = 1_000;

/**
 * Records batches. A batch that fails while the probe succeeds is made smaller, whatever the error: it concerns one of the
 * events, or the batch exceeds the statement timeout. The size is kept for later batches and grows again with success. An
 * event that is refused alone is quarantined; the others are recorded as if it had not been there.
 */
export function createRecorder({ writer, probe }: Store): Recorder {
  let maxChunkSize = Infinity;
  const failedAlone = new Map<string, number>();
  const isStoreWorking = (): Promise<boolean> =>
    probe().then(
      () => true,
      () => false,
    );

  return async (batch, fallback) => {
    const fresh = new Set<string>();
    const records: (PositionedRecord | undefined)[] = batch.map(() => undefined);
    const stuck = new Map<number, number>();
    let failure: { readonly error?: unknown } = {};
    const store = async (at: number, chunk: readonly PositionedRecord[]): Promise<void> => {
      const stored = await writer.record(chunk);
      for (const id of stored.keys()) fresh.add(id);
      for (const [index, record] of chunk.entries()) {
        records[at + index] = { ...(stored.get(messageIdOf(record)) ?? record), position: record.position };
        failedAlone.delete(messageIdOf(record));
      }
    };
    for (let at = 0; at < batch.length; ) {
      const chunk = batch.slice(at, at + maxChunkSize);
      try {
        await store(at, chunk);
        maxChunkSize = Math.min(maxChunkSize * 2, Number.MAX_SAFE_INTEGER);
      } catch (error) {
        if (!isValueError(error) && !(await isStoreWorking())) return { fresh, records, stuck, error };
        const [only, ...others] = chunk;
        if (only === undefined || others.length > 0) {
          maxChunkSize = Math.ceil(chunk.length / 2);
          continue;
        }
        const times = (failedAlone.get(messageIdOf(only)) ?? 0) + 1;
        if (failedAlone.size >= maxRemembered) failedAlone.clear();
        failedAlone.set(messageIdOf(only), times);
        const unstored = isPoison(error, times)
          ? await failureOf(() => store(at, [fallback(only, reasonOf(error))]))
          : { error };
        if (unstored !== undefined) {
          failure = unstored;
          stuck.set(at, times);
        }
      }
      at += chunk.length;
    }
    return { fresh, records, stuck, ...failure };
  };
}

/** Whether the database reported that it cannot store these values; a retry cannot succeed then. */
function isValueError(error: unknown): boolean {
  return error instanceof TakingsError && error.code === "invalid";
}

/** Locks, timeouts and lost connections never quarantine an event, however often they affect the same one. */
function isPoison(error: unknown, times: number): boolean {
  if (isValueError(error)) return true;
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
