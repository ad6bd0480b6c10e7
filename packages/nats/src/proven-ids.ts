/**
 * The events that this process itself had confirmed on one connection, and where in the stream they are. The bound keeps
 * memory small: what is forgotten only costs one more copy when it comes again.
 */
export type ProvenIds = {
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

export type ProvenIdsLimits = {
  readonly most: number;
  /** Milliseconds; the server itself recognises an id for no longer. */
  readonly oldest: number;
  /** The first sequence that the stream has, as far as is known: the server keeps the ids of what was purged. */
  readonly streamBegins: () => number;
};

type Proof = { readonly sequence: number; readonly held: number; readonly at: number };

export function createProvenIds({ most, oldest, streamBegins }: ProvenIdsLimits): ProvenIds {
  const proofs = new Map<string, Proof>();
  return {
    note(id, sequence, held = sequence) {
      // Deleted first, so that the order of the map is the order of the notes.
      proofs.delete(id);
      proofs.set(id, { sequence, held, at: performance.now() });
      if (proofs.size <= most) return;
      const [eldest] = proofs.keys();
      if (eldest !== undefined) proofs.delete(eldest);
    },
    has(id, sequence) {
      const proof = proofs.get(id);
      if (proof?.sequence !== sequence || proof.held < streamBegins()) return false;
      return performance.now() - proof.at < oldest;
    },
    forget: () => proofs.clear(),
  };
}
