import { hash } from "node:crypto";

/** A set of ids that keeps 16 bytes for each, so that a report of millions of rows fits in memory. */
export type IdSet = {
  readonly size: number;
  has(id: string): boolean;
  /** Adds an id. @returns whether it is new. */
  add(id: string): boolean;
};

const firstCapacity = 1_024;
const maxLoad = 0.6;

/**
 * Creates an empty set. Ids are kept as the first 128 bits of their SHA-256, in a hash table with linear probing. That two
 * ids of a set have the same bits is as good as impossible.
 */
export function createIdSet(): IdSet {
  let table = new BigUint64Array(firstCapacity * 2);
  let size = 0;

  const add = (high: bigint, low: bigint): boolean => {
    const slot = slotOf(table, high, low);
    if (table[slot] !== 0n || table[slot + 1] !== 0n) return false;
    table[slot] = high;
    table[slot + 1] = low;
    size += 1;
    return true;
  };
  const grow = (): void => {
    const before = table;
    table = new BigUint64Array(before.length * 2);
    size = 0;
    for (let slot = 0; slot < before.length; slot += 2) {
      const [high = 0n, low = 0n] = [before[slot], before[slot + 1]];
      if (high !== 0n || low !== 0n) add(high, low);
    }
  };
  return {
    get size() {
      return size;
    },
    has(id) {
      const slot = slotOf(table, ...wordsOf(id));
      return table[slot] !== 0n || table[slot + 1] !== 0n;
    },
    add(id) {
      if (size >= (table.length / 2) * maxLoad) grow();
      return add(...wordsOf(id));
    },
  };
}

/** The slot that contains these words, or the free one where they belong. */
function slotOf(table: BigUint64Array, high: bigint, low: bigint): number {
  const capacity = table.length / 2;
  let index = Number(high % BigInt(capacity));
  for (;;) {
    const slot = index * 2;
    const [first = 0n, second = 0n] = [table[slot], table[slot + 1]];
    if ((first === high && second === low) || (first === 0n && second === 0n)) return slot;
    index = (index + 1) % capacity;
  }
}

function wordsOf(id: string): [bigint, bigint] {
  const digest = hash("sha256", id, "buffer");
  return [digest.readBigUInt64LE(0), digest.readBigUInt64LE(8)];
}
