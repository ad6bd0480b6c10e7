import { defaultSource } from "@takings/domain";
import type { Canaries } from "./canaries.ts";
import { type Observed, isCounted } from "./readback.ts";

/** The result of a run, as it is printed. */
export type SmokeTestReport = {
  readonly run: string;
  /** The source and the account under which all events of the run are stored. */
  readonly source: string;
  readonly account: string;
  /** Number of distinct events; each was delivered twice. */
  readonly sent: number;
  readonly accepted: number;
  readonly stored: number;
  /** Whether the totals are exactly those of the events. */
  readonly counted: boolean;
  /** Events that got a 2xx and are not stored. */
  readonly lost: number;
  /** Ledger entries beyond one for each payment and refund. */
  readonly duplicated: number;
  /** Whether a body that did not match its signature was rejected with 400. */
  readonly forgeryRefused: boolean;
  readonly passed: boolean;
};

/** What happened in a run. */
export type SmokeTestOutcome = {
  readonly run: string;
  readonly source: string;
  readonly canaries: Canaries;
  readonly accepted: ReadonlySet<string>;
  readonly forgedStatus: number;
  readonly found: Observed;
};

/** Evaluates a run. It passes if every event got a 2xx, was stored and counted once, and the forgery was rejected. */
export function createReport({
  run,
  source,
  canaries,
  accepted,
  forgedStatus,
  found,
}: SmokeTestOutcome): SmokeTestReport {
  const { account, events, expected } = canaries;
  const lost = accepted.difference(found.stored).size;
  const duplicated = Math.max(0, found.entries.length - (expected.payments + expected.refunds));
  const counted = isCounted(expected, found.counted);
  const forgeryRefused = forgedStatus === 400;
  const isComplete = accepted.size === events.length && found.stored.size === events.length;
  return {
    run,
    source,
    account,
    sent: events.length,
    accepted: accepted.size,
    stored: found.stored.size,
    counted,
    lost,
    duplicated,
    forgeryRefused,
    passed: isComplete && counted && lost === 0 && duplicated === 0 && forgeryRefused,
  };
}

/** Formats the report for people. */
export function formatReport(report: SmokeTestReport): string {
  const ofSource = report.source === defaultSource ? "" : `&source=${report.source}`;
  const yes = (is: boolean): string => (is ? "yes" : "NO");
  return [
    `sent          ${report.sent} events, each twice, in random order (run ${report.run})`,
    `accepted 2xx  ${report.accepted}`,
    `stored        ${report.stored}`,
    `counted once  ${yes(report.counted)}: /v1/revenue?livemode=false&account=${report.account}${ofSource}`,
    `lost          ${report.lost}`,
    `duplicated    ${report.duplicated}`,
    `forgery       ${report.forgeryRefused ? "rejected" : "NOT rejected with 400"}`,
    report.passed ? "passed" : "FAILED",
  ].join("\n");
}
