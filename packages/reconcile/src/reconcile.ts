import { setTimeout as delay } from "node:timers/promises";
import {
  type KnownGap,
  type LedgerScope,
  type PaymentService,
  type Reconciliation,
  reconcileStages,
  type ReconcileRun,
  type ReconcileStage,
  type ReconciliationStore,
} from "@takings/domain";
import type { EventBody } from "@takings/wire";
import {
  type Finding,
  type InspectDependencies,
  inspectEvents,
  inspectObjects,
  type Inspection,
} from "./inspect.ts";
import { type RequestedRange, concludeRun, listedFrom, planRun } from "./plan-run.ts";
import type { Listed } from "./stripe/parse-list.ts";
import type { StripeLists } from "./stripe/stripe-lists.ts";
import { unlessAborted } from "./unless-aborted.ts";

/** What {@link reconcile} depends on. */
export type ReconcileDependencies = {
  readonly lists: StripeLists;
  readonly store: ReconciliationStore;
  readonly payments: PaymentService;
  /** Publishes an event on the stream; resolves when it is durable. */
  readonly publish: (event: EventBody) => Promise<unknown>;
  /** Resolves when everything on the stream has been committed. */
  readonly waitUntilCommitted: () => Promise<void>;
  readonly now: () => Date;
  /** Stops the run. The next run continues after the last complete page. */
  readonly stopping: AbortSignal;
  readonly onProgress: (run: ReconcileRun) => void;
};

/** What to reconcile. */
export type ReconcileRequest = {
  readonly scope: LedgerScope;
  readonly requested: RequestedRange;
  /** Reports what is found and changes nothing. */
  readonly dryRun: boolean;
};

/** The result of a run. The counts are of the whole run; the findings are those of this process. */
export type ReconcileReport = {
  readonly run: ReconcileRun;
  readonly findings: readonly (Finding & { readonly repaired: boolean })[];
  /** How far the ledger scope is complete now. */
  readonly known: Omit<Reconciliation, "finishedAt"> | undefined;
};

/** How long published events may take to be committed before they count as missing. */
const commitTimeoutMs = 30_000;
const recheckIntervalMs = 100;
const maxFindings = 1_000;

/**
 * Compares a ledger scope with Stripe's lists, publishes the events that it lacks, and records how far it is complete.
 * It can be killed at any time and repeated any number of times, because the events it publishes have fixed ids.
 * @throws the reason of `stopping`, StripeError, TakingsError `unavailable` and database errors; the next run continues
 * from where this one failed.
 */
export async function reconcile(
  request: ReconcileRequest,
  deps: ReconcileDependencies,
): Promise<ReconcileReport> {
  try {
    return await compareAndRepair(request, deps);
  } catch (error) {
    deps.stopping.throwIfAborted();
    throw error;
  }
}

async function compareAndRepair(
  { scope, requested, dryRun }: ReconcileRequest,
  deps: ReconcileDependencies,
): Promise<ReconcileReport> {
  const { lists, store, payments, stopping } = deps;
  const past = await store.read();
  const planned = planRun(requested, deps.now(), dryRun ? { ...past, run: undefined } : past);
  const inspectDeps = {
    store,
    payments,
    scope,
    apiVersion: lists.apiVersion,
    through: planned.through,
    intentsFrom: listedFrom("payment_intent", planned),
  };
  const findings: ReconcileReport["findings"][number][] = [];
  const addFindings = (before: Inspection, left: Inspection): void => {
    const rest = before.findings.slice(0, maxFindings - findings.length);
    findings.push(...rest.map((found) => ({ ...found, repaired: !isAmong(found, left.findings) })));
  };
  await unlessAborted(deps.waitUntilCommitted, stopping);

  let run = planned;
  while (run.stage !== "done") {
    const { stage, cursor } = run;
    const range = { from: listedFrom(stage, run), to: run.through };
    const isEmpty = range.from >= range.to;
    const page = isEmpty ? noPage : await unlessAborted(() => lists.page(stage, range, cursor), stopping);
    const { items, next } = page;
    const before = await inspect(stage, items, inspectDeps);
    const left = dryRun
      ? before
      : await publishMissing(before, () => inspect(stage, items, inspectDeps), deps);
    run = addCounts(advance(run, next), items, { before, left, dryRun });
    if (!dryRun) await store.saveProgress(run);
    addFindings(before, left);
    deps.onProgress(run);
  }
  for (const gap of await store.gaps(run.through)) {
    const items = await unlessAborted(() => itemsOf(gap, lists), stopping);
    const inspectGap = async (): Promise<Inspection> => {
      const { toPublish, findings: all } = await inspect(stageOf(gap), items, {
        ...inspectDeps,
        intentsFrom: never,
      });
      return { toPublish, findings: all.filter((one) => !isAmong(one, findings)) };
    };
    const before = await inspectGap();
    const left = dryRun ? before : await publishMissing(before, inspectGap, deps);
    run = addCounts(run, items, { before, left, dryRun });
    addFindings(before, left);
  }
  if (dryRun) return { run, findings, known: past.known };
  const known = concludeRun(run, past.known);
  await store.finish(known);
  return { run, findings, known: known ?? past.known };
}

/** Later than the creation of any listed object. */
const never = new Date(8.64e15);

/** The kind of objects that can close a gap. */
function stageOf({ kind }: KnownGap): "refund" | "charge" {
  return kind === "refund" ? "refund" : "charge";
}

/** The objects at Stripe that can close a gap; they may be older than the range of the run. */
async function itemsOf(gap: KnownGap, lists: StripeLists): Promise<readonly Listed[]> {
  const { charge, paymentIntent } = gap;
  if (gap.kind === "refund") return lists.of(stageOf(gap), { charge });
  return paymentIntent === undefined ? [] : lists.of(stageOf(gap), { payment_intent: paymentIntent });
}

const noPage = { items: [], next: undefined };

/** The run after a page: at the next page, or at the next stage. */
function advance(run: ReconcileRun, next: string | undefined): ReconcileRun {
  if (next !== undefined || run.stage === "done") return { ...run, cursor: next };
  const after = reconcileStages[reconcileStages.indexOf(run.stage) + 1] ?? "done";
  return { ...run, stage: after, cursor: undefined };
}

function inspect(
  stage: ReconcileStage,
  items: readonly Listed[],
  deps: InspectDependencies,
): Promise<Inspection> {
  return stage === "event" ? inspectEvents(items, deps) : inspectObjects(stage, items, deps);
}

/** Publishes the missing events and inspects again until they are committed; returns what is still missing. */
async function publishMissing(
  before: Inspection,
  inspectAgain: () => Promise<Inspection>,
  { publish, stopping }: ReconcileDependencies,
): Promise<Inspection> {
  await unlessAborted(() => Promise.all(before.toPublish.map((event) => publish(event))), stopping);
  const deadline = performance.now() + commitTimeoutMs;
  let left = before;
  while (left.toPublish.length > 0 && performance.now() < deadline) {
    await delay(recheckIntervalMs, undefined, { signal: stopping });
    left = await inspectAgain();
  }
  return left;
}

function addCounts(
  run: ReconcileRun,
  items: readonly Listed[],
  {
    before,
    left,
    dryRun,
  }: { readonly before: Inspection; readonly left: Inspection; readonly dryRun: boolean },
): ReconcileRun {
  const missing = left.findings.filter(({ found }) => found !== "different");
  const times = missing.map(({ at }) => at.getTime());
  const first = Math.min(run.firstMissing?.getTime() ?? Number.POSITIVE_INFINITY, ...times);
  return {
    ...run,
    listed: run.listed + items.length,
    published: run.published + (dryRun ? 0 : before.toPublish.length),
    missing: run.missing + missing.length,
    different: run.different + left.findings.length - missing.length,
    firstMissing: Number.isFinite(first) ? new Date(first) : undefined,
  };
}

function isAmong({ id, found, detail }: Finding, others: readonly Finding[]): boolean {
  return others.some((other) => other.id === id && other.found === found && other.detail === detail);
}
