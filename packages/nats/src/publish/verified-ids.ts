/**
 * The events whose confirmation this process received on one connection, and their sequences. The limits bound memory; an
 * event that was removed only costs one more copy when it is delivered again.
 */
export type VerifiedIds = {
  /**
   * @param sequence the sequence that the server returns for the event's id.
   * @param held the sequence of the message whose confirmation this process received, if that was another copy.
   */
  add(id: string, sequence: number, held?: number): void;
  /**
   * Whether this process recently received a confirmation of the event with this sequence, and the confirmed message has
   * not been purged since.
   */
  has(id: string, sequence: number): boolean;
  /** Forgets all, because another stream may have replaced this one: its sequences refer to other messages. */
  forget(): void;
};

/** Limits of what is remembered, and until when it is valid. */
export type VerifiedIdsLimits = {
  readonly maxEntries: number;
  /** Milliseconds; the server recognises an id for no longer. */
  readonly maxAgeMs: number;
  /** The first sequence of the stream, as last seen: the server still knows the ids of purged messages. */
  readonly firstSequence: () => number;
};

type VerifiedId = { readonly sequence: number; readonly held: number; readonly at: number };

/** Creates an empty set for one connection. */
export function createVerifiedIds({ maxEntries, maxAgeMs, firstSequence }: VerifiedIdsLimits): VerifiedIds {
  // Two halves, of which the older is dropped as a whole: removing the oldest entry of a Map one by one takes longer the
  // more were removed before, which was 7 % of ingress's time.
  let newer = new Map<string, VerifiedId>();
  let older = new Map<string, VerifiedId>();
  return {
    add(id, sequence, held = sequence) {
      newer.set(id, { sequence, held, at: performance.now() });
      if (newer.size < maxEntries / 2) return;
      older = newer;
      newer = new Map();
    },
    has(id, sequence) {
      const entry = newer.get(id) ?? older.get(id);
      if (entry?.sequence !== sequence || entry.held < firstSequence()) return false;
      return performance.now() - entry.at < maxAgeMs;
    },
    forget() {
      newer.clear();
      older.clear();
    },
  };
}
