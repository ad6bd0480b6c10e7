import type { EventFacts } from "./derivation/event-facts.ts";
import type { Gap } from "./derivation/gaps.ts";
import type { Moment } from "./payment-repository.ts";

/** Whose scope are compared with Stripe's: one account (`null` is the platform) in one mode. */
export type LedgerScope = { readonly account: string | null; readonly livemode: boolean };

/** How far scope have been compared with Stripe's, and with what result. */
export type Reconciliation = {
  /** Everything from `completeFrom` until `completeThrough` that Stripe knows of is in the ledger. */
  readonly completeFrom: Moment;
  readonly completeThrough: Moment;
  /** What Stripe knows of, and the ledger still lacks; all of it is after `completeThrough`. */
  readonly missing: number;
  /** Entries whose amount or currency is not the one that Stripe's object has today. */
  readonly different: number;
  readonly finishedAt: Moment;
};

/** What Stripe is asked to list, in this order: an object is only looked at when its events had their chance. */
export const reconcileStages = ["event", "payment_intent", "charge", "refund", "dispute"] as const;
export type ReconcileStage = (typeof reconcileStages)[number];

/** A comparison in progress, kept after every page so that it goes on where it was killed. */
export type ReconcileRun = {
  /** What was asked for: absent where the default was. */
  readonly asked: { readonly from?: Date | undefined; readonly to?: Date | undefined };
  readonly from: Date;
  readonly through: Date;
  readonly stage: ReconcileStage | "done";
  /** The id of the last item of the page before; absent at the beginning of a stage. */
  readonly cursor?: string | undefined;
  readonly listed: number;
  readonly published: number;
  readonly missing: number;
  readonly different: number;
  /** When the earliest of what is still missing was made. */
  readonly firstMissing?: Date | undefined;
};

/** A gap, by what Stripe can be asked for. */
export type KnownGap = {
  readonly kind: Gap["kind"];
  readonly charge: string;
  readonly paymentIntent: string | undefined;
};

/** What the comparison needs of the store. */
export type ReconciliationStore = {
  /** What is known of these scope so far, and the run that was not finished. */
  read(): Promise<{
    readonly known: Reconciliation | undefined;
    readonly run: ReconcileRun | undefined;
  }>;
  /** Which of these event ids are not stored. */
  missingEvents(eventIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** The facts of all events in these scope that speak of the payments of these objects. */
  facts(objectIds: Iterable<string>): Promise<readonly EventFacts[]>;
  /** The gaps in these scope that were seen before then, the oldest first. */
  gaps(before: Date): Promise<readonly KnownGap[]>;
  /** Notes how far a run has come. */
  note(run: ReconcileRun): Promise<void>;
  /** Ends the run, with what is known of the scope from now on; `undefined` leaves that as it is. */
  finish(known: Omit<Reconciliation, "finishedAt"> | undefined): Promise<void>;
};
