import Table from "cli-table3";
import type { FaultCase } from "./fault-case.ts";
import type { Outcome } from "./run-case.ts";

/** A case with what came of it; without faults it passed. */
export type CaseResult = {
  readonly one: FaultCase;
  readonly outcome: Outcome;
  readonly faults: readonly string[];
};

/** Why a case failed; empty when it passed. A broken build passes only when what it breaks was found. */
export function failuresOf({ expectedViolation }: FaultCase, { violations }: Outcome): string[] {
  if (expectedViolation === undefined)
    return violations.map(({ invariant, detail }) => `${invariant}: ${detail}`);
  if (violations.some(({ invariant }) => invariant === expectedViolation)) return [];
  const found = violations.map(({ invariant, detail }) => `${invariant}: ${detail}`).join("; ") || "nothing";
  return [`${expectedViolation} was to be found violated, and ${found} was found`];
}

/** One line on a case that is over, and one for each fault. */
export function outcomeLine({ one, outcome, faults }: CaseResult): string {
  const mark = faults.length === 0 ? "ok    " : "FAILED";
  const caught =
    one.expectedViolation !== undefined && faults.length === 0 ? `, ${one.expectedViolation} caught` : "";
  const said = `${mark} ${one.name}: ${outcome.cycles} cycles, ${outcome.accepted} accepted, ${Math.round(outcome.elapsedMs / 1000)} s${caught}`;
  return [said, ...faults.map((fault) => `       ${fault}`)].join("\n");
}

/** Everything at a glance. */
export function outcomeTable(results: readonly CaseResult[]): string {
  const cases = table([
    "case",
    "faults",
    "cycles",
    "answered 2xx",
    "lost",
    "doubled",
    "recovered in s (median, max)",
    "",
  ]);
  const controls = table(["broken build", "must violate", "found", ""]);
  for (const { one, outcome, faults } of results) {
    const mark = faults.length === 0 ? "ok" : "FAILED";
    if (one.expectedViolation === undefined) {
      const { cycles, accepted, lost, doubled, recoveryMs } = outcome;
      cases.push([one.name, one.faults.join(" "), cycles, accepted, lost, doubled, times(recoveryMs), mark]);
    } else {
      const found = new Set(outcome.violations.map(({ invariant }) => invariant));
      controls.push([one.name, one.expectedViolation, [...found].join(" "), mark]);
    }
  }
  return [cases, controls].filter(({ length }) => length > 0).join("\n\n");
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
