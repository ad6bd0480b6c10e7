/**
 * The events that this process itself had confirmed on one connection, and where in the stream they are. The bound keeps
 * memory small: what is forgotten only costs one more copy when it comes again.
 */
export type VerifiedIds = {
  /**
   * @param sequence where the server says that the event is when it knows its id.
   * @param held where the message is whose confirmation this process saw, if that was a further copy.
   */
  note(id: string, sequence: number, held?: number): void;
  /**
   * Whether the message at this place is one whose confirmation this process has seen itself, not long ago, and the
   * stream has not been purged of it since.
   */
  has(id: string, sequence: number): boolean;
  /** Another stream may have taken this one's place: its sequences mean other messages. */
  forget(): void;
};

export type VerifiedIdsLimits = {
  readonly maxEntries: number;
  /** Milliseconds; the server itself recognises an id for no longer. */
  readonly maxAgeMs: number;
  /** The first sequence that the stream has, as far as is known: the server keeps the ids of what was purged. */
  readonly firstSequence: () => number;
};

type VerifiedId = { readonly sequence: number; readonly held: number; readonly at: number };

export function createVerifiedIds({ maxEntries, maxAgeMs, firstSequence }: VerifiedIdsLimits): VerifiedIds {
  const entries = new Map<string, VerifiedId>();
  return {
    note(id, sequence, held = sequence) {
      // Deleted first, so that the order of the map is the order of the notes.
      entries.delete(id);
      entries.set(id, { sequence, held, at: performance.now() });
      if (entries.size <= maxEntries) return;
      const [eldest] = entries.keys();
      if (eldest !== undefined) entries.delete(eldest);
    },
    has(id, sequence) {
      const entry = entries.get(id);
      if (entry?.sequence !== sequence || entry.held < firstSequence()) return false;
      return performance.now() - entry.at < maxAgeMs;
    },
    forget: () => entries.clear(),
  };
}
