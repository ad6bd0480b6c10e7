import {
  type LedgerScope,
  type KnownGap,
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
  type Inspection,
  inspectEvents,
  inspectObjects,
  type InspectDependencies,
} from "./inspect.ts";
import { type Asked, concluded, listedFrom, planRun } from "./plan-run.ts";
import type { Listed } from "./parse-list.ts";
import type { StripeLists } from "./stripe-lists.ts";
import { abortableDelay, abortable } from "./abortable.ts";

export type ReconcileDependencies = {
  readonly lists: StripeLists;
  readonly store: ReconciliationStore;
  readonly payments: PaymentService;
  /** Puts an event on the stream; resolves when that is confirmed. */
  readonly publish: (event: EventBody) => Promise<unknown>;
  /** Resolves when everything that is on the stream has been committed. */
  readonly caughtUp: () => Promise<void>;
  readonly now: () => Date;
  /** Ends the run, which goes on after its last whole page the next time. */
  readonly stopping: AbortSignal;
  readonly onProgress: (run: ReconcileRun) => void;
};

export type ReconcileRequest = {
  readonly scope: LedgerScope;
  readonly asked: Asked;
  /** Finds and tells, and changes nothing at all. */
  readonly dryRun: boolean;
};

/** What a run found. The counts are of the whole run, the findings of what this process has seen of it. */
export type ReconcileReport = {
  readonly run: ReconcileRun;
  readonly findings: readonly (Finding & { readonly repaired: boolean })[];
  /** What is known of the scope now. */
  readonly known: Omit<Reconciliation, "finishedAt"> | undefined;
};

/** How long what was published may take to be committed, until it counts as missing still. */
const commitTimeoutMs = 30_000;
const recheckIntervalMs = 100;
const maxFindings = 1_000;

/**
 * Holds the scope against Stripe's lists, publishes what the ledger lacks, and notes how far the two agree. It may
 * be killed at any moment and run any number of times: what it publishes has the keys that it would have had anyway.
 * @throws StripeError, TakingsError `unavailable` and the database's errors; the next run goes on from there.
 */
export async function reconcile(
  request: ReconcileRequest,
  deps: ReconcileDependencies,
): Promise<ReconcileReport> {
  const { scope, asked, dryRun } = request;
  const { lists, store, payments, stopping } = deps;
  const past = await store.read();
  const begun = planRun(asked, deps.now(), dryRun ? { ...past, run: undefined } : past);
  const inspectDeps = {
    store,
    payments,
    scope,
    apiVersion: lists.apiVersion,
    through: begun.through,
    intentsFrom: listedFrom("payment_intent", begun),
  };
  const findings: ReconcileReport["findings"][number][] = [];
  const keep = (before: Inspection, left: Inspection): void => {
    const rest = before.findings.slice(0, maxFindings - findings.length);
    findings.push(...rest.map((found) => ({ ...found, repaired: !isAmong(found, left.findings) })));
  };
  await abortable(deps.caughtUp, stopping);

  let run = begun;
  while (run.stage !== "done") {
    const { stage, cursor } = run;
    const range = { from: listedFrom(stage, run), to: run.through };
    const isEmpty = range.from >= range.to;
    const page = isEmpty ? noPage : await abortable(() => lists.page(stage, range, cursor), stopping);
    const { items, next } = page;
    const before = await inspect(stage, items, inspectDeps);
    const left = dryRun
      ? before
      : await publishMissing(before, () => inspect(stage, items, inspectDeps), deps);
    run = counted(moved(run, next), items, { before, left, dryRun });
    if (!dryRun) await store.note(run);
    keep(before, left);
    deps.onProgress(run);
  }
  for (const gap of await store.gaps(run.through)) {
    const items = await abortable(() => itemsOf(gap, lists), stopping);
    const ofGap = async (): Promise<Inspection> => {
      const { toPublish, findings: all } = await inspect(stageOf(gap), items, {
        ...inspectDeps,
        intentsFrom: never,
      });
      return { toPublish, findings: all.filter((one) => !isAmong(one, findings)) };
    };
    const before = await ofGap();
    const left = dryRun ? before : await publishMissing(before, ofGap, deps);
    run = counted(run, items, { before, left, dryRun });
    keep(before, left);
  }
  if (dryRun) return { run, findings, known: past.known };
  const known = concluded(run, past.known);
  await store.finish(known);
  return { run, findings, known: known ?? past.known };
}

/** Later than whatever is listed. */
const never = new Date(8.64e15);

/** Of what kind the objects are that Stripe is asked for to close a gap. */
function stageOf({ kind }: KnownGap): "refund" | "charge" {
  return kind === "refund" ? "refund" : "charge";
}

/** What Stripe has of the charge or the PaymentIntent that a gap speaks of, which may be older than the range. */
async function itemsOf(gap: KnownGap, lists: StripeLists): Promise<readonly Listed[]> {
  const { charge, paymentIntent } = gap;
  if (gap.kind === "refund") return lists.of(stageOf(gap), { charge });
  return paymentIntent === undefined ? [] : lists.of(stageOf(gap), { payment_intent: paymentIntent });
}

const noPage = { items: [], next: undefined };

function moved(run: ReconcileRun, next: string | undefined): ReconcileRun {
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

/** Publishes what is toPublish and looks again until it is there; resolves with what is left. */
async function publishMissing(
  before: Inspection,
  again: () => Promise<Inspection>,
  { publish, stopping }: ReconcileDependencies,
): Promise<Inspection> {
  await abortable(() => Promise.all(before.toPublish.map((event) => publish(event))), stopping);
  const deadline = performance.now() + commitTimeoutMs;
  let left = before;
  while (left.toPublish.length > 0 && performance.now() < deadline) {
    await abortableDelay(recheckIntervalMs, stopping);
    left = await again();
  }
  return left;
}

function counted(
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
