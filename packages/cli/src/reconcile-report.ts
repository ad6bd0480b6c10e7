import type { Books, ReconcileRun } from "@takings/domain";
import type { ReconcileReport, ReconcileRequest } from "@takings/reconcile";

const sayEveryMs = 2_000;

/** Tells on stderr how far a run has come, no more often than can be read. */
export function createProgress(books: Books): (run: ReconcileRun) => void {
  let saidAt = performance.now();
  return (run) => {
    if (performance.now() - saidAt < sayEveryMs) return;
    saidAt = performance.now();
    const { stage, listed, published, missing } = run;
    process.stderr.write(
      `${nameOf(books)}: at ${stage}s, ${listed} looked at, ${published} published, ${missing} missing\n`,
    );
  };
}

/** The report as one line of JSON. */
export function reportAsJson({ books, dryRun }: ReconcileRequest, report: ReconcileReport): string {
  const { run, known } = report;
  return JSON.stringify({
    account: books.account,
    livemode: books.livemode,
    dry_run: dryRun,
    from: run.from,
    through: run.through,
    listed: run.listed,
    published: run.published,
    missing: run.missing,
    different: run.different,
    complete_from: known?.completeFrom ?? null,
    complete_through: known?.completeThrough ?? null,
    findings: report.findings.map(({ id, found, detail, healed }) => ({ id, found, detail, healed })),
  });
}

/** The report for a person. */
export function reportInWords({ books, dryRun }: ReconcileRequest, report: ReconcileReport): string {
  const { run, known } = report;
  const range = `${run.from.toISOString()} to ${run.through.toISOString()}`;
  const counts = `${run.published} published, ${run.missing} missing, ${run.different} different`;
  const end = known === undefined ? "nothing is recorded yet" : `complete through ${known.completeThrough}`;
  return [
    ...report.findings.map(
      ({ id, found, detail, healed }) => `${id} ${found}${healed ? ", healed" : ""}: ${detail}`,
    ),
    `${nameOf(books)}: looked at ${run.listed} items of Stripe's from ${range}${dryRun ? " (dry run)" : ""}`,
    `${nameOf(books)}: ${counts}; ${end}`,
  ].join("\n");
}

function nameOf({ account, livemode }: Books): string {
  return `${account ?? "platform"} (${livemode ? "live" : "test"})`;
}
