import type { SyncRound, SyncState } from "@takings/domain";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** What was created just before a round may not be in Stripe's lists yet. */
const lateMs = 5 * minuteMs;
/** Banks return payouts within five business days, in some countries later: https://docs.stripe.com/payouts */
const unsettledMs = 10 * dayMs;

/** What a round was asked for. */
export type SyncRequest = {
  /** The creation time from which to read; `undefined`: from where the last complete round ended. */
  readonly from: Date | undefined;
  /** How long before the end of the last complete round an ordinary one begins to read. */
  readonly overlapMs: number;
};

/** Plans a round that begins now. It never leaves a gap after what is complete. */
export function planRound({ from, overlapMs }: SyncRequest, state: SyncState, now: Date): SyncRound {
  const { completeThrough } = state;
  const ordinary =
    completeThrough === undefined ? undefined : new Date(completeThrough.getTime() - overlapMs);
  return {
    began: now,
    from: ordinary === undefined || (from !== undefined && from < ordinary) ? from : ordinary,
    // Before anything is complete, those that are known were read a short time ago.
    rereadsMembers: from !== undefined && completeThrough !== undefined,
    transactions: undefined,
  };
}

/** What is left of a request after a round that was resumed, which another one follows. @param state before it ended */
export function afterResumed(request: SyncRequest, round: SyncRound, state: SyncState): SyncRequest {
  const { from, overlapMs } = request;
  const isFarEnough = from === undefined || round.from === undefined || round.from <= from;
  const readsMembers = round.rereadsMembers || state.completeThrough === undefined;
  return { from: isFarEnough && readsMembers ? undefined : from, overlapMs };
}

/** How far the ledger is complete after a round. @param now our clock, which may be behind Stripe's. */
export function completeAfter(
  round: SyncRound,
  state: SyncState,
  now: Date,
): { readonly from: Date | undefined; readonly through: Date } {
  const through = new Date(Math.min(round.began.getTime(), now.getTime()) - lateMs);
  const { completeFrom, completeThrough } = state;
  if (completeThrough === undefined)
    return { from: round.from === undefined || round.from < through ? round.from : through, through };
  const isEarlier = round.from === undefined || (completeFrom !== undefined && round.from < completeFrom);
  return {
    from: isEarlier ? round.from : completeFrom,
    through: through > completeThrough ? through : completeThrough,
  };
}

/** A payout that arrived at or after this time may still change. */
export function unsettledSince(round: SyncRound): Date {
  return new Date(round.began.getTime() - unsettledMs);
}
