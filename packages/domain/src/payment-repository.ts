import type { PositionedRecord, EventRecord } from "./event-record.ts";
import type { LedgerChange } from "./ledger-change.ts";
import type { EntryKind } from "./ledger.ts";
import type { GapFilter, OpenGap } from "./open-gap.ts";
import type { LedgerScope, Reconciliation } from "./reconciliation.ts";

/** All storage of events and the ledger. The consumer holds the writing half, revenue-query the reading half. */
export type PaymentRepository = PaymentWriter & PaymentReader;

export type PaymentWriter = {
  /**
   * Stores a batch, events and ledger entries, and with it that their places on the stream are committed: in one
   * transaction, or in several, each whole, where others hold payments of some. Resolves after the last COMMIT with the ids that were new; the others were stored before and changed nothing.
   * Safe to repeat, in any order, from any process.
   * @throws TakingsError `unavailable` when nothing or something unknown was committed: try the batch again.
   * @throws TakingsError `invalid` when the database refuses the batch's content: no retry will help.
   */
  record(batch: readonly PositionedRecord[]): Promise<ReadonlySet<string>>;
};

/** What to read: everything recorded up to `asOf` that matches. [`from`, `to`) is half-open, `undefined` unbounded. */
export type LedgerFilter = {
  readonly asOf: Moment;
  readonly from: Moment | undefined;
  readonly to: Moment | undefined;
  readonly currency: string | undefined;
  readonly livemode: boolean;
  /** `null`: the platform's own; an id: that connected account; `*`: all of them. */
  readonly account: string | null;
};

/** An instant as RFC 3339 text, to the microsecond: more than a `Date` holds, and all that the database keeps. */
export type Moment = string;

export type PaymentReader = {
  /**
   * The latest moment up to which the record is settled: everything recorded until then is committed and
   * nothing will be added to it, so that reads as of the same moment agree for ever.
   */
  safeReadTime(): Promise<Moment>;
  /** One row per currency and bucket that has entries. Bucket 0 starts at `boundaries[0]`. In no particular order. */
  sums(filter: LedgerFilter, boundaries?: readonly Moment[]): Promise<readonly LedgerSum[]>;
  /** First and last `occurred_at` that match, or `undefined` when nothing does. */
  extent(filter: LedgerFilter): Promise<{ readonly first: Moment; readonly last: Moment } | undefined>;
  /** A page of entries in the order of (`occurredAt`, `id`), beginning after the given position. */
  entries(filter: LedgerFilter, page: Page): Promise<readonly LedgerEntry[]>;
  /**
   * A page of what changed after `since` and until the filter's `asOf` in what the filter selects, in the order of
   * ({@link LedgerChange.recordedAt}, {@link changePosition}).
   */
  changes(filter: LedgerFilter, since: Moment, page: Page): Promise<readonly LedgerChange[]>;
  /** A page of events in the order of (`created`, `eventId`), beginning after the given position. */
  events(filter: EventFilter, page: Page): Promise<readonly StoredEvent[]>;
  /** One event with its body. @throws Error naming the event when its body is damaged; others are not affected. */
  event(eventId: string): Promise<StoredEventWithPayload | undefined>;
  /** The whole history of one PaymentIntent, both parts as of the same moment. */
  payment(
    paymentIntent: string,
    asOf: Moment,
  ): Promise<{ readonly entries: readonly LedgerEntry[]; readonly events: readonly StoredEvent[] }>;
  /**
   * A page of the gaps that have been open for long enough to be told of, as they stand now, in the order of (`seenAt`,
   * `objectId`, `kind`, `account`), beginning after the given time and `gapPosition`.
   */
  gaps(filter: GapFilter, page: Page): Promise<readonly OpenGap[]>;
  /** How far each of the scope has been compared with Stripe's, where it has been. */
  reconciliations(): Promise<readonly (LedgerScope & Reconciliation)[]>;
};

export type EventFilter = {
  readonly asOf: Moment;
  readonly from: Moment | undefined;
  readonly to: Moment | undefined;
  readonly type: string | undefined;
};

/** `after` is the sort position of the last row of the page before. */
export type Page = {
  readonly limit: number;
  readonly after: { readonly time: Moment; readonly id: string } | undefined;
};

/** What happened in one currency in one bucket; see docs/revenue.md for what counts as what. */
export type LedgerSum = {
  readonly bucket: number;
  readonly currency: string;
  /** Minor units; positive for money taken, given back or withdrawn. */
  readonly gross: bigint;
  readonly refunded: bigint;
  readonly disputed: bigint;
  /** How many entries; reversals are not counted. */
  readonly payments: number;
  readonly refunds: number;
  readonly disputes: number;
};

export type LedgerEntry = {
  readonly id: string;
  readonly kind: EntryKind;
  readonly amount: bigint;
  readonly currency: string;
  readonly occurredAt: Moment;
  readonly recordedAt: Moment;
  readonly objectId: string;
  readonly paymentIntent: string | null;
  readonly eventId: string;
  readonly account: string | null;
  readonly livemode: boolean;
};

/** A stored event as it is shown, without its body. */
export type StoredEvent = Omit<EventRecord, "facts" | "payload" | "created" | "receivedAt"> & {
  readonly created: Moment;
  readonly receivedAt: Moment;
};

/** A stored event with its body exactly as received, or without it and with the moment of its removal. */
export type StoredEventWithPayload = StoredEvent &
  (
    | { readonly payload: string; readonly payloadRemovedAt: null }
    | { readonly payload: null; readonly payloadRemovedAt: Moment }
  );
