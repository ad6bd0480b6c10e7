import type { PositionedRecord, EventRecord } from "./event-record.ts";
import type { FoundObject } from "./found-object.ts";
import type { LedgerChange } from "./ledger-change.ts";
import type { LedgerEntry } from "./ledger.ts";
import type { Moment } from "./moment.ts";
import type { GapFilter, OpenGap } from "./open-gap.ts";
import type { ReconciledScope } from "./reconciliation.ts";

/** The store of events and the ledger. The consumer uses the writer, revenue-query the reader. */
export type PaymentRepository = PaymentWriter & PaymentReader;

/** The writing side of the store. */
export type PaymentWriter = {
  /**
   * Stores the events of a batch with their effect on the ledger, and that their positions on the stream are
   * committed. Uses one transaction, or several where other sessions hold some of the payments; each event is stored
   * completely or not at all. Resolves after the last COMMIT with the events that were new as they were stored, by `messageIdOf`:
   * a reading that contradicts an earlier one is stored as quarantined. The other events were stored before and changed
   * nothing. Safe to repeat, in any order, from any process.
   * @throws TakingsError `unavailable` when nothing was committed or the outcome is unknown: repeat the batch.
   * @throws TakingsError `invalid` when the database rejects the content of the batch: do not repeat it.
   */
  record(batch: readonly PositionedRecord[]): Promise<ReadonlyMap<string, EventRecord>>;
};

/** Selects what was recorded up to `asOf`. The range [`from`, `to`) is half-open; `undefined` is unbounded. */
export type LedgerFilter = {
  readonly asOf: Moment;
  readonly from: Moment | undefined;
  readonly to: Moment | undefined;
  readonly currency: string | undefined;
  readonly livemode: boolean;
  /** `*`: all of them. */
  readonly source: string;
  /** `null`: the platform's own; an id: that connected account; `*`: all of them. */
  readonly account: string | null;
};

/** The reading side of the store. */
export type PaymentReader = {
  /**
   * The latest moment up to which everything recorded is final: it is committed, and nothing will be added to it. So
   * all reads as of the same moment agree.
   */
  safeReadTime(): Promise<Moment>;
  /** One sum per currency and range with entries. Range 0 begins at `boundaries[0]`. In no particular order. */
  sums(filter: LedgerFilter, boundaries?: readonly Moment[]): Promise<readonly LedgerSum[]>;
  /** First and last `occurred_at` that match, or `undefined` when nothing does. */
  extent(filter: LedgerFilter): Promise<{ readonly first: Moment; readonly last: Moment } | undefined>;
  /** A page of entries in the order of (`occurredAt`, `id`), or the reverse, beginning after the given position. */
  entries(filter: LedgerFilter, page: LedgerPage): Promise<readonly LedgerEntry[]>;
  /**
   * A page of the changes after `since` and up to the filter's `asOf` in what the filter selects, in the order of
   * ({@link LedgerChange.recordedAt}, {@link changePosition}).
   */
  changes(filter: LedgerFilter, since: Moment, page: Page): Promise<readonly LedgerChange[]>;
  /** A page of events in the order of (`created`, `eventId`, `source`), beginning after the given position. */
  events(filter: EventFilter, page: Page): Promise<readonly StoredEvent[]>;
  /** One event with its payload. @throws Error naming the event when its stored payload is damaged. */
  event(eventId: string, source: string): Promise<StoredEventWithPayload | undefined>;
  /** The history of one PaymentIntent, its entries and its events as of the same moment. */
  payment(
    paymentIntent: string,
    source: string,
    asOf: Moment,
  ): Promise<{ readonly entries: readonly LedgerEntry[]; readonly events: readonly StoredEvent[] }>;
  /**
   * A page of the gaps that have been open for an hour, as they are now, in the order of (`seenAt`, `objectId`, `kind`,
   * `account`, `source`), beginning after the given time and `gapPosition`.
   */
  gaps(filter: GapFilter, page: Page): Promise<readonly OpenGap[]>;
  /**
   * What an id means in a source, or in all of them (`*`), by kind and source; more than once where several accounts or modes
   * have it: the event, payout or balance transaction
   * that has it; the payment that it is, or that its object or ledger entry belongs to; and where none of these is known, the
   * object that stored events are about.
   */
  find(id: string, source: string): Promise<readonly FoundObject[]>;
  /** The sources whose own Stripe account, that of their platform, this is. */
  platformsOf(account: string): Promise<readonly string[]>;
  /** How far each scope was compared with Stripe, for the scopes that were. */
  reconciliations(): Promise<readonly ReconciledScope[]>;
};

/** Selects events by their `created`, as {@link LedgerFilter} selects entries. */
export type EventFilter = {
  readonly asOf: Moment;
  readonly from: Moment | undefined;
  readonly to: Moment | undefined;
  readonly type: string | undefined;
  /** `quarantined`: those that await a decision, without the dismissed ones. `undefined`: whatever their status. */
  readonly status?: StoredEvent["status"] | undefined;
  /** Only the events that are about this object, show it, or name it as their payment. */
  readonly objectId?: string | undefined;
  /** `*`: all of them. */
  readonly source: string;
  /** As in {@link LedgerFilter}; absent: all of them. */
  readonly account?: string | null;
  /** Absent: either mode, and events that do not say theirs. */
  readonly livemode?: boolean | undefined;
};

/** `after` is the sort position of the last row of the previous page. */
export type Page = {
  readonly limit: number;
  readonly after: { readonly time: Moment; readonly id: string } | undefined;
};

/** A page of entries: ascending unless it says otherwise. */
export type LedgerPage = Page & { readonly order?: "asc" | "desc" };

/** The sum of one currency in one range; docs/revenue.md defines what counts as what. */
export type LedgerSum = {
  /** The number of the range, from 0. */
  readonly range: number;
  readonly currency: string;
  /** Minor units; positive for money taken, refunded or withdrawn. */
  readonly gross: bigint;
  readonly refunded: bigint;
  readonly disputed: bigint;
  /** Numbers of entries, without reversals. */
  readonly payments: number;
  readonly refunds: number;
  readonly disputes: number;
};

/** A stored event without its payload. */
export type StoredEvent = Omit<EventRecord, "facts" | "balance" | "payload" | "created" | "receivedAt"> & {
  readonly created: Moment;
  readonly receivedAt: Moment;
};

/** A stored event with its payload exactly as received, or with the time when that was removed. */
export type StoredEventWithPayload = StoredEvent &
  (
    | { readonly payload: string; readonly payloadRemovedAt: null }
    | { readonly payload: null; readonly payloadRemovedAt: Moment }
  );
