/** A source of chance that gives the same sequence for the same seed. */
export interface Random {
  /** An integer from `lowest` to `highest`, both included. */
  integer(lowest: number, highest: number): number;
  pick<T>(from: readonly [T, ...T[]]): T;
  /** A new array with the same items in another order. */
  shuffle<T>(items: readonly T[]): T[];
}

/** Makes a source of chance from a seed; good for test data, not for secrets. */
export function seededRandom(seed: number): Random {
  let state = BigInt.asUintN(64, BigInt(seed));

  // SplitMix64: a counter that is stirred well.
  function fraction(): number {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
    let mixed = state;
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n);
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
    return Number((mixed ^ (mixed >> 31n)) >> 11n) / 2 ** 53;
  }
  const integer = (lowest: number, highest: number): number =>
    lowest + Math.floor(fraction() * (highest - lowest + 1));
  return {
    integer,
    pick: (from) => from[integer(0, from.length - 1)] ?? from[0],
    shuffle(items) {
      const tagged = items.map((item) => ({ item, at: fraction() }));
      return tagged.toSorted((a, b) => a.at - b.at).map(({ item }) => item);
    },
  };
}
