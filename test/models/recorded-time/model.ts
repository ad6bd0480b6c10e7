import type { Model, Step } from "../explore.ts";
import { invariants } from "./invariants.ts";
import { rollup } from "./rollup.ts";
import { reader } from "./reader.ts";
import type { Rules } from "./rules.ts";
import type { Budget, State } from "./state.ts";
import { failover, restart } from "./server.ts";
import { writer } from "./writer.ts";

const calm: Budget = { clockEnd: 3, stepsBack: 0, failovers: 0, restarts: 0, foreignLocks: 0, rebuilds: 0 };

/** The observer of recorded time. Observers do not affect each other, so modelling one at a time is enough. */
export type Observer = "reader" | "rollup";

/** How entries get their recorded time, and how a reader or the rollup uses it. */
export function recordedTime(
  rules: Rules,
  observer: Observer,
  faults: Partial<Budget>,
  recordings = 2,
): Model<State> {
  const initial: State = {
    clock: 1,
    latest: 0,
    ledger: [],
    rolledUp: [],
    pending: [],
    rollupWatermark: -1,
    standby: undefined,
    isReplicated: true,
    recordings: Array.from({ length: recordings }, () => ({ is: "not begun" as const })),
    reader: undefined,
    told: undefined,
    rollupWork: undefined,
    foreignLock: false,
    budget: { ...calm, ...faults },
  };
  return {
    initial,
    *steps(state) {
      yield* writer(state, rules);
      yield* observer === "reader" ? reader(state, rules) : rollup(state, rules);
      yield* clock(state);
      yield* restart(state);
      yield* failover(state);
      yield* foreignLock(state);
    },
    invariants,
  };
}

function* clock(state: State): Generator<Step<State>> {
  const { budget } = state;
  if (state.clock < budget.clockEnd) {
    yield { name: `the clock says ${state.clock + 1}`, to: { ...state, clock: state.clock + 1 } };
  }
  if (budget.stepsBack === 0) return;
  const spent = { ...budget, stepsBack: budget.stepsBack - 1 };
  for (let back = 1; back < state.clock; back += 1) {
    yield { name: `the clock steps back to ${back}`, to: { ...state, clock: back, budget: spent } };
  }
}

function* foreignLock(state: State): Generator<Step<State>> {
  const { budget } = state;
  if (state.foreignLock) {
    yield { name: "the foreign lock is released", to: { ...state, foreignLock: false } };
  } else if (budget.foreignLocks > 0) {
    const spent = { ...budget, foreignLocks: budget.foreignLocks - 1 };
    const to = { ...state, foreignLock: true, budget: spent };
    yield { name: "a session of something else takes an advisory lock with a small key", to };
  }
}
