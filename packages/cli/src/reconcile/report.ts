import type { LedgerScope, ReconcileRun } from "@takings/domain";
import type { ReconcileReport, ReconcileRequest } from "@takings/reconcile";
import { nameOfScope } from "../name-of-scope.ts";

const progressIntervalMs = 2_000;

/** Reports the progress of a run on standard error, at most every two seconds. */
export function createProgress(scope: LedgerScope): (run: ReconcileRun) => void {
  let reportedAt = performance.now();
  return (run) => {
    if (performance.now() - reportedAt < progressIntervalMs) return;
    reportedAt = performance.now();
    const { stage, listed, published, missing } = run;
    process.stderr.write(
      `${nameOfScope(scope)}: at ${stage}s, ${listed} checked, ${published} published, ${missing} missing\n`,
    );
  };
}

/** Formats the report as one line of JSON. */
export function reportAsJson({ scope, dryRun }: ReconcileRequest, report: ReconcileReport): string {
  const { run, known } = report;
  return JSON.stringify({
    source: scope.source,
    account: scope.account,
    livemode: scope.livemode,
    dry_run: dryRun,
    from: run.from,
    through: run.through,
    listed: run.listed,
    published: run.published,
    missing: run.missing,
    different: run.different,
    complete_from: known?.completeFrom ?? null,
    complete_through: known?.completeThrough ?? null,
    findings: report.findings.map(({ id, found, detail, repaired }) => ({ id, found, detail, repaired })),
  });
}

/** Formats the report for people. */
export function formatReport({ scope, dryRun }: ReconcileRequest, report: ReconcileReport): string {
  const { run, known } = report;
  const range = `${run.from.toISOString()} to ${run.through.toISOString()}`;
  const counts = `${run.published} published, ${run.missing} missing, ${run.different} different`;
  const end =
    known === undefined ? "not complete through any time yet" : `complete through ${known.completeThrough}`;
  return [
    ...report.findings.map(
      ({ id, found, detail, repaired }) => `${id} ${found}${repaired ? ", repaired" : ""}: ${detail}`,
    ),
    `${nameOfScope(scope)}: checked ${run.listed} objects listed by Stripe from ${range}${dryRun ? " (dry run)" : ""}`,
    `${nameOfScope(scope)}: ${counts}; ${end}`,
  ].join("\n");
}
