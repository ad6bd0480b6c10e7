import type { Canaries } from "./drill-canaries.ts";
import { type Found, isCounted } from "./drill-reading.ts";

export type DrillReport = {
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
  readonly doubled: number;
  /** A body that was not the signed one was refused with 400. */
  readonly forgeryRefused: boolean;
  readonly passed: boolean;
};

export type DrillFacts = {
  readonly run: string;
  readonly canaries: Canaries;
  readonly accepted: ReadonlySet<string>;
  readonly forgedStatus: number;
  readonly found: Found;
};

/** The verdict: passed only when everything was answered 2xx, stored and counted once, and the forgery was refused. */
export function reportOn({ run, canaries, accepted, forgedStatus, found }: DrillFacts): DrillReport {
  const { account, events, expected } = canaries;
  const lost = accepted.difference(found.stored).size;
  const doubled = Math.max(0, found.entries.length - (expected.payments + expected.refunds));
  const counted = isCounted(expected, found.counted);
  const forgeryRefused = forgedStatus === 400;
  const isWhole = accepted.size === events.length && found.stored.size === events.length;
  return {
    run,
    account,
    sent: events.length,
    accepted: accepted.size,
    stored: found.stored.size,
    counted,
    lost,
    doubled,
    forgeryRefused,
    passed: isWhole && counted && lost === 0 && doubled === 0 && forgeryRefused,
  };
}

/** The verdict for a person. */
export function reportInWords(report: DrillReport): string {
  const yes = (is: boolean): string => (is ? "yes" : "NO");
  return [
    `sent          ${report.sent} events, each twice, in disorder (run ${report.run})`,
    `answered 2xx  ${report.accepted}`,
    `stored        ${report.stored}`,
    `counted once  ${yes(report.counted)}: /v1/revenue?livemode=false&account=${report.account}`,
    `lost          ${report.lost}`,
    `doubled       ${report.doubled}`,
    `forgery       ${report.forgeryRefused ? "refused" : "NOT refused with 400"}`,
    report.passed ? "passed" : "FAILED",
  ].join("\n");
}
