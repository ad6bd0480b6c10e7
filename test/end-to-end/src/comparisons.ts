/** The result of one comparison of expected and actual data. */
export type Comparison = {
  readonly what: string;
  /** The number of compared items. */
  readonly compared: number;
  /** The differences found. */
  readonly differences: readonly string[];
};

/** Compares two lists of lines as multisets, regardless of order. */
export function compareLines(
  what: string,
  expected: readonly string[],
  actual: readonly string[],
): Comparison {
  const counts = new Map<string, number>();
  for (const line of expected) counts.set(line, (counts.get(line) ?? 0) + 1);
  for (const line of actual) counts.set(line, (counts.get(line) ?? 0) - 1);
  const differences = [...counts].flatMap(([line, count]) => {
    if (count === 0) return [];
    return [`${count > 0 ? "missing" : "too much"}: ${line}`];
  });
  return { what, compared: expected.length, differences };
}

/** Checks that every line comes strictly after the one before. */
export function checkOrder<T>(
  what: string,
  items: readonly T[],
  comesAfter: (a: T, b: T) => boolean,
): Comparison {
  const differences = items.flatMap((item, index) => {
    const before = items[index - 1];
    return before === undefined || comesAfter(item, before)
      ? []
      : [`out of order at ${index}: ${JSON.stringify(before)} before ${JSON.stringify(item)}`];
  });
  return { what, compared: items.length, differences };
}

/** Checks many items, as many at once as revenue-query reads for one caller, and collects the differences. */
export async function checkEach<T>(
  what: string,
  items: readonly T[],
  check: (item: T) => Promise<readonly string[]>,
  atOnce = 4,
): Promise<Comparison> {
  const differences: string[] = [];
  const waiting = items.values();
  const worker = async (): Promise<void> => {
    for (const item of waiting) {
      differences.push(...(await check(item).catch((error: unknown) => [String(error)])));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { what, compared: items.length, differences };
}

/** The differences of comparisons as text, the first few of each; empty if there are none. */
export function differencesIn(comparisons: readonly Comparison[]): string {
  return comparisons
    .filter(({ differences }) => differences.length > 0)
    .map(
      ({ what, differences }) =>
        `${what}: ${differences.length} differences\n  ${differences.slice(0, 5).join("\n  ")}`,
    )
    .join("\n");
}
