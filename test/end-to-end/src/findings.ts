/** The outcome of one comparison between what must be and what is. */
export type Finding = {
  readonly what: string;
  /** How many things were compared. */
  readonly compared: number;
  /** What differs; none when all is well. */
  readonly faults: readonly string[];
};

/** Compares two lists of lines, whatever their order; a line that occurs twice must occur twice. */
export function compareLines(what: string, expected: readonly string[], actual: readonly string[]): Finding {
  const counts = new Map<string, number>();
  for (const line of expected) counts.set(line, (counts.get(line) ?? 0) + 1);
  for (const line of actual) counts.set(line, (counts.get(line) ?? 0) - 1);
  const faults = [...counts].flatMap(([line, count]) => {
    if (count === 0) return [];
    return [`${count > 0 ? "missing" : "too much"}: ${line}`];
  });
  return { what, compared: expected.length, faults };
}

/** Checks that every line comes strictly after the one before. */
export function checkOrder<T>(
  what: string,
  items: readonly T[],
  comesAfter: (a: T, b: T) => boolean,
): Finding {
  const faults = items.flatMap((item, index) => {
    const before = items[index - 1];
    return before === undefined || comesAfter(item, before)
      ? []
      : [`out of order at ${index}: ${JSON.stringify(before)} before ${JSON.stringify(item)}`];
  });
  return { what, compared: items.length, faults };
}

/** Runs a job over many items, a few at a time, and gathers what it finds wrong. */
export async function checkEach<T>(
  what: string,
  items: readonly T[],
  check: (item: T) => Promise<readonly string[]>,
  atOnce = 8,
): Promise<Finding> {
  const faults: string[] = [];
  const waiting = items.values();
  const worker = async (): Promise<void> => {
    for (const item of waiting) {
      faults.push(...(await check(item).catch((error: unknown) => [String(error)])));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { what, compared: items.length, faults };
}

/** The faults of findings as one text, the first few of each; empty when all is well. */
export function faultsIn(findings: readonly Finding[]): string {
  return findings
    .filter(({ faults }) => faults.length > 0)
    .map(({ what, faults }) => `${what}: ${faults.length} faults\n  ${faults.slice(0, 5).join("\n  ")}`)
    .join("\n");
}
