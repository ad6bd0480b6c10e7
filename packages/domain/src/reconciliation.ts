import type { EventFacts } from "./derivation/event-facts.ts";
import type { Gap } from "./derivation/gaps.ts";
import type { LedgerScope } from "./ledger-scope.ts";
import type { Moment } from "./moment.ts";

/** How far a ledger scope was compared with Stripe, and with what result. */
export type Reconciliation = {
  /** Everything that Stripe has from `completeFrom` to `completeThrough` is in the ledger. */
  readonly completeFrom: Moment;
  readonly completeThrough: Moment;
  /** How many entries the ledger lacks, all after `completeThrough`. */
  readonly missing: number;
  /** How many entries differ in amount or currency from Stripe's object today. */
  readonly different: number;
  readonly finishedAt: Moment;
};

/** A ledger scope that was compared with Stripe. */
export type ReconciledScope = LedgerScope &
  Reconciliation & {
    /** The Stripe account of the source, where it is known: with this id a query means the platform itself. */
    readonly platformAccount: string | null;
  };

/** What is listed from Stripe, in this order: events first, so that an object is checked after its events. */
export const reconcileStages = ["event", "payment_intent", "charge", "refund", "dispute"] as const;
/** One of the lists, as a stage of a run. */
export type ReconcileStage = (typeof reconcileStages)[number];

/** A run in progress. It is stored after every page, so that a run that was killed can be resumed. */
export type ReconcileRun = {
  /** The requested range; absent: the default. */
  readonly requested: { readonly from?: Date | undefined; readonly to?: Date | undefined };
  readonly from: Date;
  readonly through: Date;
  readonly stage: ReconcileStage | "done";
  /** The id of the last item of the previous page; absent at the beginning of a stage. */
  readonly cursor?: string | undefined;
  readonly listed: number;
  readonly published: number;
  readonly missing: number;
  readonly different: number;
  /** When the earliest object that is still missing was created. */
  readonly firstMissing?: Date | undefined;
};

/** A gap, by the ids with which Stripe can be queried. */
export type KnownGap = {
  readonly kind: Gap["kind"];
  readonly charge: string;
  readonly paymentIntent: string | undefined;
};

/** What reconciliation needs from the store, for one ledger scope. */
export type ReconciliationStore = {
  /** The result so far, and the run that has not finished. */
  read(): Promise<{
    readonly known: Reconciliation | undefined;
    readonly run: ReconcileRun | undefined;
  }>;
  /** Which of these event ids are not stored. */
  missingEvents(eventIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** The facts of all events about the payments of these objects. */
  facts(objectIds: Iterable<string>): Promise<readonly EventFacts[]>;
  /** The gaps that were seen before then, oldest first. */
  gaps(before: Date): Promise<readonly KnownGap[]>;
  /** Stores the progress of a run. */
  saveProgress(run: ReconcileRun): Promise<void>;
  /** Ends the run and stores its result; `undefined` keeps the previous result. */
  finish(known: Omit<Reconciliation, "finishedAt"> | undefined): Promise<void>;
};
