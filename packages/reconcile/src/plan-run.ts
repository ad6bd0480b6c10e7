import type { Reconciliation, ReconcileRun, ReconcileStage } from "@takings/domain";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** Stripe lists events for 30 days: https://docs.stripe.com/api/events */
const eventHorizonMs = 30 * dayMs;
/** More recent events may still be delivered as usual. */
const deliveryGraceMs = 10 * minuteMs;
/**
 * How long after the creation of an object its money may still move: authorisations are captured and refunds fail within
 * a month, and the longest disputes are decided within four months.
 */
const moneyMovementMs = 120 * dayMs;
/** Compared again by the next run, in case a list of Stripe's is updated late. */
const overlapMs = dayMs;
/** An older interrupted run is not resumed, because the objects that it compared may have changed since. */
const resumableMs = dayMs;

/** The range that was requested. */
export type RequestedRange = ReconcileRun["requested"];

/** Resumes an interrupted run if it is recent and was requested with the same range; otherwise plans a new one. */
export function planRun(
  requested: RequestedRange,
  now: Date,
  past: { readonly known: Reconciliation | undefined; readonly run: ReconcileRun | undefined },
): ReconcileRun {
  const { known, run } = past;
  const oldest = now.getTime() - resumableMs;
  if (run !== undefined && isSame(run.requested, requested) && run.through.getTime() > oldest) return run;
  const latestEnd = now.getTime() - deliveryGraceMs;
  const defaultStart =
    known === undefined ? now.getTime() - eventHorizonMs : Date.parse(known.completeThrough) - overlapMs;
  const through = Math.min(requested.to?.getTime() ?? latestEnd, latestEnd);
  return {
    requested,
    from: new Date(Math.min(requested.from?.getTime() ?? defaultStart, through)),
    through: new Date(through),
    stage: "event",
    listed: 0,
    published: 0,
    missing: 0,
    different: 0,
  };
}

/**
 * The creation time from which to list. Changes of older objects are found in their events for as long as Stripe lists
 * those; if the range starts before that, older objects are listed as well.
 */
export function listedFrom(stage: ReconcileStage, { from, through }: ReconcileRun): Date {
  const horizon = through.getTime() - eventHorizonMs;
  if (stage === "event") return new Date(Math.max(from.getTime(), horizon));
  return from.getTime() < horizon ? new Date(from.getTime() - moneyMovementMs) : from;
}

/**
 * The state of the ledger scope after a run. It is complete through the first object that is still missing, so that the
 * next run starts before it. A run over an older range only moves the start, and only if nothing was missing.
 * `undefined`: unchanged.
 */
export function concludeRun(
  run: ReconcileRun,
  known: Reconciliation | undefined,
): Omit<Reconciliation, "finishedAt"> | undefined {
  const through = run.firstMissing ?? run.through;
  const knownFrom = known === undefined ? undefined : new Date(known.completeFrom);
  const knownThrough = known === undefined ? undefined : new Date(known.completeThrough);
  if (known !== undefined && knownFrom !== undefined && knownThrough !== undefined) {
    const isOlder = run.through < knownThrough;
    if (isOlder && (run.missing > 0 || run.through < knownFrom || run.from >= knownFrom)) return undefined;
    if (isOlder) return { ...known, completeFrom: run.from.toISOString() };
    if (run.from <= knownThrough) {
      return counts(run, knownFrom < run.from ? knownFrom : run.from, through);
    }
  }
  return counts(run, run.from, through);
}

function counts(run: ReconcileRun, from: Date, through: Date): Omit<Reconciliation, "finishedAt"> {
  return {
    completeFrom: (from < through ? from : through).toISOString(),
    completeThrough: through.toISOString(),
    missing: run.missing,
    different: run.different,
  };
}

function isSame(a: RequestedRange, b: RequestedRange): boolean {
  return a.from?.getTime() === b.from?.getTime() && a.to?.getTime() === b.to?.getTime();
}
