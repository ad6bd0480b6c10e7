import type { Step } from "../explore.ts";
import { safeTimeRead } from "./reader.ts";
import type { Rules } from "./rules.ts";
import { ascending, type Moment, type State } from "./state.ts";

/** `advance_rollup` and `rebuild_rollup`; the rollup's lock lets one of them work at a time. */
export function* rollup(state: State, rules: Rules): Generator<Step<State>> {
  const { rollupWork: work, budget } = state;
  if (work === undefined) {
    yield {
      name: "advance_rollup begins",
      to: { ...state, rollupWork: { task: "advance_rollup", safeTimeRead: undefined } },
    };
    if (budget.rebuilds === 0) return;
    const spent = { ...budget, rebuilds: budget.rebuilds - 1 };
    const to: State = {
      ...state,
      budget: spent,
      rollupWork: { task: "rebuild_rollup", safeTimeRead: undefined },
    };
    yield { name: "rebuild_rollup begins", to };
    return;
  }
  const next = safeTimeRead(state, work.safeTimeRead, rules);
  if ("safeTimeRead" in next) {
    yield {
      name: `${work.task}: reads ${next.words}`,
      to: { ...state, rollupWork: { ...work, safeTimeRead: next.safeTimeRead } },
    };
  } else if (work.task === "advance_rollup") {
    const to = advanced(state, next.moment);
    yield { name: `advance_rollup: reads what is pending up to ${next.moment}`, to };
  } else {
    const safeTime = rules.rebuildGoesBack ? next.moment : Math.max(next.moment, state.rollupWatermark);
    yield { name: `rebuild_rollup: reads the ledger up to ${safeTime}`, to: rebuilt(state, safeTime) };
  }
}

function advanced(state: State, safeTime: Moment): State {
  return {
    ...state,
    rolledUp: ascending([...state.rolledUp, ...state.pending.filter((at) => at <= safeTime)]),
    pending: state.pending.filter((at) => at > safeTime),
    rollupWatermark: Math.max(state.rollupWatermark, safeTime),
    rollupWork: undefined,
    standby: undefined,
  };
}

function rebuilt(state: State, safeTime: Moment): State {
  return {
    ...state,
    rolledUp: state.ledger.filter((at) => at <= safeTime),
    pending: state.pending.filter((at) => at > safeTime),
    rollupWatermark: safeTime,
    rollupWork: undefined,
    standby: undefined,
  };
}
