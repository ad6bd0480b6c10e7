import type { LedgerScope } from "@takings/domain";
import type { SyncProgress, SyncReport } from "@takings/reconcile";
import { nameOfScope } from "../name-of-scope.ts";

const progressIntervalMs = 2_000;

/** Reports the progress of rounds on standard error, every two seconds while it is open. */
export type ProgressLog = Disposable & {
  /** The progress of one scope, to be shown with the next report. */
  update(scope: LedgerScope, progress: SyncProgress): void;
};

/** Opens it. @param sent how many requests were sent so far. */
export function openProgressLog(sent: () => number): ProgressLog {
  const latest = new Map<string, SyncProgress>();
  let sentBefore = sent();
  const timer = setInterval(() => {
    const rate = ((sent() - sentBefore) / progressIntervalMs) * 1_000;
    sentBefore = sent();
    for (const [name, progress] of latest) {
      process.stderr.write(
        `${name}: ${describeProgress(progress)}, ${rate.toFixed(1)} requests/s in total\n`,
      );
    }
  }, progressIntervalMs);
  timer.unref();
  return {
    update: (scope, progress) => void latest.set(nameOfScope(scope), progress),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

const stages: Readonly<Record<SyncProgress["stage"], string>> = {
  payouts: "reading payouts",
  members: "reading members of payouts",
  transactions: "reading balance transactions",
  commits: "waiting until everything is committed",
};

function describeProgress({ stage, read, published, at }: SyncProgress): string {
  const reached = at === undefined ? "" : `, back to ${at.toISOString()}`;
  return `${stages[stage]}${reached}, ${read} read, ${published} published`;
}

/** Formats a report as one line of JSON. */
export function reportAsJson({ source, account, livemode }: LedgerScope, report: SyncReport): string {
  return JSON.stringify({
    source,
    account,
    livemode,
    read: report.read,
    published: report.published,
    quarantined: report.quarantined,
    complete_from: report.completeFrom ?? null,
    complete_through: report.completeThrough,
  });
}

/** Formats a report for people. */
export function formatReport(scope: LedgerScope, report: SyncReport): string {
  const { read, published, quarantined, completeFrom, completeThrough } = report;
  const from = completeFrom === undefined ? "the beginning" : completeFrom.toISOString();
  const problems =
    quarantined === 0
      ? ""
      : `; ${quarantined} cannot be understood or contradict earlier readings: see takings quarantine list`;
  return (
    `${nameOfScope(scope)}: ${read} read, ${published} published; ` +
    `complete from ${from} through ${completeThrough.toISOString()}${problems}`
  );
}
