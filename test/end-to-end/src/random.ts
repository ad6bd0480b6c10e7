/** A source of choices that is the same on every machine for the same seed. */
export type Random = {
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** A new list with the same items in another order. */
  shuffle<T>(items: readonly T[]): T[];
  /** Letters and digits, as Stripe's object ids have them. */
  letters(count: number): string;
};

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Makes a source of choices. It hashes a counter, so two seeds never run into the same sequence. */
export function createRandom(seed: number): Random {
  const salt = mix(seed | 0);
  let counter = 0;
  const fraction = (): number => mix(Math.imul(++counter, 0x9e3779b1) ^ salt) / 2 ** 32;
  const int = (min: number, max: number): number => min + Math.floor(fraction() * (max - min + 1));
  return {
    int,
    chance: (probability) => fraction() < probability,
    pick(items) {
      const [item] = items.slice(int(0, items.length - 1));
      if (item === undefined)
        throw new Error("random.pick found nothing to pick: give it items, none undefined");
      return item;
    },
    shuffle: (items) =>
      items
        .map((item) => ({ item, at: fraction() }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ item }) => item),
    letters: (count) => Array.from({ length: count }, () => alphabet[int(0, alphabet.length - 1)]).join(""),
  };
}

/** Spreads the bits of a 32-bit number over all 32 bits: unsigned, one to one. */
function mix(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
  bits = Math.imul(bits ^ (bits >>> 12), 0x297a2d39);
  return (bits ^ (bits >>> 15)) >>> 0;
}
