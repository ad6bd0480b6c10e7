/** The outcome of one comparison between what must be and what is. */
export type Comparison = {
  readonly what: string;
  /** How many things were compared. */
  readonly compared: number;
  /** What differs; none when all is well. */
  readonly differences: readonly string[];
};

/** Compares two lists of lines, whatever their order; a line that occurs twice must occur twice. */
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

/** Runs a job over many items, a few at a time, and gathers what it finds wrong. */
export async function checkEach<T>(
  what: string,
  items: readonly T[],
  check: (item: T) => Promise<readonly string[]>,
  atOnce = 8,
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

/** The differences of comparisons as one text, the first few of each; empty when all is well. */
export function differencesIn(comparisons: readonly Comparison[]): string {
  return comparisons
    .filter(({ differences }) => differences.length > 0)
    .map(
      ({ what, differences }) =>
        `${what}: ${differences.length} differences\n  ${differences.slice(0, 5).join("\n  ")}`,
    )
    .join("\n");
}
