/**
 * The events that this process itself had confirmed on one connection, and where in the stream they are. The bound keeps
 * memory small: what is forgotten only costs one more copy when it comes again.
 */
export type ProvenIds = {
  note(id: string, sequence: number): void;
  /** Whether the message at this place is one whose confirmation this process has seen itself, not long ago. */
  has(id: string, sequence: number): boolean;
  /** Another stream may have taken this one's place: its sequences mean other messages. */
  forget(): void;
};

export type ProvenIdsLimits = {
  readonly most: number;
  /** Milliseconds; the server itself recognises an id for no longer. */
  readonly oldest: number;
};

type Proof = { readonly sequence: number; readonly at: number };

export function createProvenIds({ most, oldest }: ProvenIdsLimits): ProvenIds {
  const proofs = new Map<string, Proof>();
  return {
    note(id, sequence) {
      // Deleted first, so that the order of the map is the order of the notes.
      proofs.delete(id);
      proofs.set(id, { sequence, at: performance.now() });
      if (proofs.size <= most) return;
      const [eldest] = proofs.keys();
      if (eldest !== undefined) proofs.delete(eldest);
    },
    has(id, sequence) {
      const proof = proofs.get(id);
      return proof?.sequence === sequence && performance.now() - proof.at < oldest;
    },
    forget: () => proofs.clear(),
  };
}
