import type { Moment } from "../moment.ts";
import type { BalanceTransactionFact, PayoutFact } from "./balance-fact.ts";

/**
 * What is left to read of a part of a list: the objects created in [`from`, `to`), those after `cursor`. Times are Unix
 * seconds; without `from` the part begins at the beginning, without `to` it has no end.
 */
export type SyncSegment = {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** The last id that was read. */
  readonly cursor?: string | undefined;
};

/** A round of `takings balance sync` in progress, stored so that one that was killed is resumed. */
export type SyncRound = {
  /** When it began, by Stripe's clock where Stripe states it. */
  readonly began: Date;
  /** The creation time from which it reads; `undefined`: from the beginning. */
  readonly from?: Date | undefined;
  /** Whether the members of all payouts in its range are read again, final ones too. */
  readonly rereadsMembers: boolean;
  /** The members of payouts created after this time were read in this round. */
  readonly membersReadTo?: Date | undefined;
  /** What is left of the list of transactions; `undefined`: payouts and their members come first. */
  readonly transactions?: readonly SyncSegment[] | undefined;
};

/** The state of one scope. */
export type SyncState = {
  readonly completeFrom: Date | undefined;
  readonly completeThrough: Date | undefined;
  readonly round: SyncRound | undefined;
  /** The latest time at which something was read, so that a clock that was set back does not reorder readings. */
  readonly readAt: Date | undefined;
};

/** A balance transaction as the ledger knows it. */
export type KnownTransaction = Omit<BalanceTransactionFact, "payout"> & { readonly payout: string | null };

/** A payout as the ledger knows it. */
export type KnownPayout = PayoutFact;

/** What a sync needs from the store, for one scope. Every method may throw TakingsError `unavailable`. */
export type BalanceSyncStore = {
  read(): Promise<SyncState>;
  /** By id; those that are not known are left out. */
  transactions(ids: readonly string[]): Promise<ReadonlyMap<string, KnownTransaction>>;
  /** By id; those that are not known are left out. */
  payouts(ids: readonly string[]): Promise<ReadonlyMap<string, KnownPayout>>;
  /**
   * When the oldest payout was created that Stripe may still change, or whose members have not all been read; `undefined`:
   * there is none. One that arrived at or after `unsettledSince` may still change.
   */
  oldestOpenPayout(unsettledSince: Date): Promise<Date | undefined>;
  /** The ids of the transactions that are known as members of a payout. */
  members(payout: string): Promise<ReadonlySet<string>>;
  /** Which of these event ids are not stored. */
  missingEvents(eventIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** How many messages of the stream are committed. Any change shows that the consumer works. */
  committedMessages(): Promise<bigint>;
  saveRound(round: SyncRound, readAt: Date): Promise<void>;
  /**
   * Ends the round. Resolves with the recorded time from which answers contain everything that is committed, once
   * answers are as of that time or later.
   */
  finish(complete: {
    readonly from: Date | undefined;
    readonly through: Date;
    readonly readAt: Date;
  }): Promise<Moment>;
};
