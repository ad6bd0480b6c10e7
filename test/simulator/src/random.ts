/** A seeded random generator. */
export type Random = {
  /** An integer from `min` to `max`, both included. */
  int(min: number, max: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** @throws Error for an empty list. */
  pick<T>(items: readonly T[]): T;
  /** A new list with the same items in another order. */
  shuffle<T>(items: readonly T[]): T[];
  /** Letters and digits, as in Stripe's object ids. */
  letters(count: number): string;
};

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/**
 * Creates a generator that gives the same sequence for the same seed on every machine. It hashes a counter, so it is
 * fast enough for millions of events, and the sequences of two seeds do not overlap. Not for secrets.
 */
export function createRandom(seed: number): Random {
  const salt = mix(seed | 0);
  let counter = 0;
  const fraction = (): number => mix(Math.imul(++counter, 0x9e3779b1) ^ salt) / 2 ** 32;
  const int = (min: number, max: number): number => min + Math.floor(fraction() * (max - min + 1));
  return {
    int,
    chance: (probability) => fraction() < probability,
    pick<T>(items: readonly T[]) {
      if (items.length === 0) throw new Error("random.pick needs at least one item");
      return items[int(0, items.length - 1)] as T;
    },
    shuffle(items) {
      const shuffled = [...items];
      for (let last = shuffled.length - 1; last > 0; last -= 1) {
        const other = int(0, last);
        [shuffled[last], shuffled[other]] = [shuffled[other] as never, shuffled[last] as never];
      }
      return shuffled;
    },
    letters(count) {
      let text = "";
      for (let n = 0; n < count; n += 1) text += alphabet.charAt(int(0, alphabet.length - 1));
      return text;
    },
  };
}

/** Spreads the bits of a 32-bit number over all 32 bits: unsigned, one to one. */
function mix(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
  bits = Math.imul(bits ^ (bits >>> 12), 0x297a2d39);
  return (bits ^ (bits >>> 15)) >>> 0;
}
