import { readFileSync } from "node:fs";

/** How many tests passed and failed. */
export interface Summary {
  readonly passed: number;
  readonly failed: number;
}

/** The counts of both. */
export function addUp(one: Summary, other: Summary): Summary {
  return { passed: one.passed + other.passed, failed: one.failed + other.failed };
}

/** The counts in the file, or undefined when the run did not get as far as writing it. */
export function readSummary(path: string): Summary | undefined {
  try {
    const summary: Summary = JSON.parse(readFileSync(path, "utf8"));
    return summary;
  } catch {
    return undefined;
  }
}
