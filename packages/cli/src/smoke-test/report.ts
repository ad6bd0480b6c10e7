import type { Canaries } from "./canaries.ts";
import { type Observed, isCounted } from "./readback.ts";

export type SmokeTestReport = {
  readonly run: string;
  /** Under which everything of the run is found. */
  readonly account: string;
  /** Events; each was delivered twice. */
  readonly sent: number;
  readonly accepted: number;
  readonly stored: number;
  /** The ledger's totals are exactly those of the events. */
  readonly counted: boolean;
  /** Answered with 2xx and not stored. */
  readonly lost: number;
  /** Ledger entries beyond one for each payment and refund. */
  readonly duplicated: number;
  /** A body that was not the signed one was refused with 400. */
  readonly forgeryRefused: boolean;
  readonly passed: boolean;
};

export type SmokeTestOutcome = {
  readonly run: string;
  readonly canaries: Canaries;
  readonly accepted: ReadonlySet<string>;
  readonly forgedStatus: number;
  readonly found: Observed;
};

/** The verdict: passed only when everything was answered 2xx, stored and counted once, and the forgery was refused. */
export function createReport({
  run,
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

/** The verdict for a person. */
export function formatReport(report: SmokeTestReport): string {
  const yes = (is: boolean): string => (is ? "yes" : "NO");
  return [
    `sent          ${report.sent} events, each twice, in random order (run ${report.run})`,
    `accepted 2xx  ${report.accepted}`,
    `stored        ${report.stored}`,
    `counted once  ${yes(report.counted)}: /v1/revenue?livemode=false&account=${report.account}`,
    `lost          ${report.lost}`,
    `duplicated    ${report.duplicated}`,
    `forgery       ${report.forgeryRefused ? "refused" : "NOT refused with 400"}`,
    report.passed ? "passed" : "FAILED",
  ].join("\n");
}
