import type { Moment } from "../moment.ts";
import type { BalanceTransactionFact, PayoutFact } from "./balance-fact.ts";

/** A round of `takings balance sync` in progress, stored so that one that was killed is resumed. */
export type SyncRound = {
  /** When it began, by Stripe's clock where Stripe states it. */
  readonly began: Date;
  /** The creation time from which it lists; `undefined`: from the beginning. */
  readonly from: Date | undefined;
  readonly stage: "payouts" | "members" | "transactions";
  /** The last id of the previous page of the stage's list. */
  readonly cursor: string | undefined;
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

/** What a sync needs from the store, for one scope. */
export type BalanceSyncStore = {
  read(): Promise<SyncState>;
  /** By id; those that are not known are left out. */
  transactions(ids: readonly string[]): Promise<ReadonlyMap<string, KnownTransaction>>;
  payouts(ids: readonly string[]): Promise<ReadonlyMap<string, KnownPayout>>;
  /** Payouts that Stripe may still change, or whose members have not all been read, oldest first. */
  openPayouts(): Promise<readonly KnownPayout[]>;
  /** The ids of the transactions that are known as members of a payout. */
  members(payout: string): Promise<ReadonlySet<string>>;
  /** Which of these event ids are not stored. */
  missingEvents(eventIds: readonly string[]): Promise<ReadonlySet<string>>;
  saveRound(round: SyncRound, readAt: Date): Promise<void>;
  /**
   * Ends the round. Resolves with the recorded time from which answers contain everything that is committed, once
   * answers are as of that time or later.
   */
  finish(complete: { readonly from: Date | undefined; readonly through: Date }): Promise<Moment>;
};
