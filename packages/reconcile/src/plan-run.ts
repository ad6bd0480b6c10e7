import type { Reconciliation, ReconcileRun, ReconcileStage } from "@takings/domain";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** Stripe lists events for 30 days: https://docs.stripe.com/api/events */
const eventHorizonMs = 30 * dayMs;
/** What is younger may still be delivered in the ordinary way. */
const deliveryGraceMs = 10 * minuteMs;
/**
 * How long after an object was made its money may still move: authorisations are captured within a month, refunds fail
 * within one, and the longest disputes are decided within four.
 */
const moneyMovementMs = 120 * dayMs;
/** Looked at again by the next run, should a list of Stripe's ever be late. */
const overlapMs = dayMs;
/** A run that was broken off longer ago begins anew: what it has seen may have changed since. */
const resumableMs = dayMs;

export type Asked = ReconcileRun["asked"];

/** Goes on with a run that was broken off, if it is recent and the same was asked for, or begins one. */
export function planRun(
  asked: Asked,
  now: Date,
  past: { readonly known: Reconciliation | undefined; readonly run: ReconcileRun | undefined },
): ReconcileRun {
  const { known, run } = past;
  const oldest = now.getTime() - resumableMs;
  if (run !== undefined && isSame(run.asked, asked) && run.through.getTime() > oldest) return run;
  const settled = now.getTime() - deliveryGraceMs;
  const usual =
    known === undefined ? now.getTime() - eventHorizonMs : Date.parse(known.completeThrough) - overlapMs;
  const through = Math.min(asked.to?.getTime() ?? settled, settled);
  return {
    asked,
    from: new Date(Math.min(asked.from?.getTime() ?? usual, through)),
    through: new Date(through),
    stage: "event",
    listed: 0,
    published: 0,
    missing: 0,
    different: 0,
  };
}

/**
 * From when on to list. What happened to older objects is seen in their events, as long as Stripe lists those; where the
 * range begins before that, older objects themselves are looked at too.
 */
export function listedFrom(stage: ReconcileStage, { from, through }: ReconcileRun): Date {
  const horizon = through.getTime() - eventHorizonMs;
  if (stage === "event") return new Date(Math.max(from.getTime(), horizon));
  return from.getTime() < horizon ? new Date(from.getTime() - moneyMovementMs) : from;
}

/**
 * What is known of the scope after a run. They are complete up to the first thing that is still missing, so that the
 * next run begins before it; a run over an older range only moves the beginning, and only when it found no gap.
 * `undefined`: nothing new.
 */
export function concluded(
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

function isSame(a: Asked, b: Asked): boolean {
  return a.from?.getTime() === b.from?.getTime() && a.to?.getTime() === b.to?.getTime();
}
