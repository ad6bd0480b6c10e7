import Table from "cli-table3";
import type { FaultCase } from "./fault-case.ts";
import type { Outcome } from "./run-case.ts";

/** A case and its outcome; it passed when there are no failures. */
export type CaseResult = {
  readonly faultCase: FaultCase;
  readonly outcome: Outcome;
  readonly failures: readonly string[];
};

/** Why a case failed; empty when it passed. A broken build passes only when the expected violation was found. */
export function failuresOf({ expectedViolation }: FaultCase, { violations, error }: Outcome): string[] {
  const found = violations.map(({ invariant, detail }) => `${invariant}: ${detail}`);
  if (error !== undefined) return [error, ...found];
  if (expectedViolation === undefined) return found;
  if (violations.some(({ invariant }) => invariant === expectedViolation)) return [];
  return [`expected a violation of ${expectedViolation}, found: ${found.join("; ") || "nothing"}`];
}

/** One line for a finished case, and one for each failure. */
export function outcomeLine({ faultCase, outcome, failures }: CaseResult): string {
  const { title, expectedViolation } = faultCase;
  const passed = failures.length === 0;
  const detected = expectedViolation !== undefined && passed ? `, ${expectedViolation} detected` : "";
  const numbers = `${outcome.cycles} cycles, ${outcome.accepted} accepted, ${Math.round(outcome.elapsedMs / 1000)} s`;
  const line = `${passed ? "ok    " : "FAILED"} ${title}: ${numbers}${detected}`;
  return [line, ...failures.map((failure) => `       ${failure}`)].join("\n");
}

/** All results as tables: fault cases, and broken builds. */
export function outcomeTable(results: readonly CaseResult[]): string {
  const cases = table([
    "fault case",
    "no.",
    "cycles",
    "2xx responses",
    "lost",
    "duplicated",
    "recovery in s (median, max)",
    "result",
  ]);
  const brokenBuilds = table(["broken build", "expected violation", "found", "result"]);
  for (const { faultCase, outcome, failures } of results) {
    const { title, numbers, expectedViolation } = faultCase;
    const result = failures.length === 0 ? "ok" : "FAILED";
    if (expectedViolation === undefined) {
      const { cycles, accepted, lost, duplicated, recoveryMs } = outcome;
      const row = [title, numbers.join(" "), cycles, accepted, lost, duplicated, times(recoveryMs), result];
      cases.push(row);
    } else {
      const found = new Set(outcome.violations.map(({ invariant }) => invariant));
      brokenBuilds.push([title, expectedViolation, [...found].join(" "), result]);
    }
  }
  return [cases, brokenBuilds].filter(({ length }) => length > 0).join("\n\n");
}

function times(ms: readonly number[]): string {
  if (ms.length === 0) return "";
  const ascending = ms.toSorted((a, b) => a - b);
  const seconds = (value = 0): string => (value / 1000).toFixed(1);
  return `${seconds(ascending[Math.floor((ascending.length - 1) / 2)])}, ${seconds(ascending.at(-1))}`;
}

function table(head: string[]): InstanceType<typeof Table> {
  return new Table({ head, style: { head: [], border: [] } });
}
