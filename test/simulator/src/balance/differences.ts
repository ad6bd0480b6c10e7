/** Collects what is not as expected. */
export type Differences = {
  /** Compares lines in their order. */
  expect(name: string, expected: readonly string[], found: readonly string[]): void;
  /** How many comparisons were made. */
  comparisons(): number;
  /** How many of them found a difference. */
  count(): number;
  /** The first differences, for people. */
  text(): string;
};

const shown = 20;

/** Creates an empty collection. */
export function createDifferences(): Differences {
  const first: string[] = [];
  let [comparisons, count] = [0, 0];
  return {
    expect(name, expected, found) {
      comparisons += 1;
      if (expected.length === found.length && expected.every((line, index) => line === found[index])) return;
      count += 1;
      if (first.length >= shown) return;
      const [here, there] = [new Set(expected), new Set(found)];
      const missing = expected.filter((line) => !there.has(line)).slice(0, 3);
      const unexpected = found.filter((line) => !here.has(line)).slice(0, 3);
      const order = missing.length + unexpected.length === 0 ? ["  another order or repetition"] : [];
      first.push(
        [
          name,
          ...missing.map((line) => `  expected ${line}`),
          ...unexpected.map((line) => `  found    ${line}`),
          ...order,
        ].join("\n"),
      );
    },
    comparisons: () => comparisons,
    count: () => count,
    text: () => first.join("\n"),
  };
}
