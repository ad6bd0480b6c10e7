/** A source of choices that is the same on every machine for the same seed. */
export type Random = {
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number;
  /** True once in `times` on average. */
  oncePer(times: number): boolean;
  pick<T>(items: readonly [T, ...T[]]): T;
  /** Letters and digits, every one by random. */
  letters(count: number): string;
};

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Makes a source of choices: a counter whose bits are stirred, fast enough for millions of events. */
export function createRandom(seed: number): Random {
  let counter = Math.imul(seed, 0x85ebca6b);
  const fraction = (): number => {
    counter = (counter + 0x9e3779b9) | 0;
    let bits = Math.imul(counter ^ (counter >>> 16), 0x21f0aaad);
    bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
    return ((bits ^ (bits >>> 15)) >>> 0) / 2 ** 32;
  };
  const int = (min: number, max: number): number => min + Math.floor(fraction() * (max - min + 1));
  return {
    int,
    oncePer: (times) => fraction() * times < 1,
    pick: (items) => items[int(0, items.length - 1)] ?? items[0],
    letters(count) {
      let text = "";
      for (let n = 0; n < count; n += 1) text += alphabet.charAt(int(0, alphabet.length - 1));
      return text;
    },
  };
}
