import type { Model } from "../explore.ts";
import type { Moment, State } from "./state.ts";

export const invariants: Model<State>["invariants"] = {
  "what a reader was told stays as it was": ({ told, ledger }) =>
    told === undefined || areEqual(told.entries, upTo(told.moment, ledger)),

  // Then every response equals the ledger: it is read from both, and what the rollup has in excess is subtracted.
  "the rollup equals the ledger": ({ ledger, rolledUp, pending, rollupWatermark }) =>
    areEqual(rolledUp, upTo(rollupWatermark, ledger)) && rolledUp.length + pending.length === ledger.length,
};

function upTo(moment: Moment, ledger: readonly Moment[]): readonly Moment[] {
  return ledger.filter((recordedAt) => recordedAt <= moment);
}

function areEqual(some: readonly Moment[], others: readonly Moment[]): boolean {
  return some.length === others.length && some.every((moment, index) => moment === others[index]);
}
