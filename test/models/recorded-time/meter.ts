import type { Step } from "../explore.ts";
import { look } from "./reader.ts";
import type { Rules } from "./rules.ts";
import { ascending, type Moment, type State } from "./state.ts";

/** `advance_meter` and `rebuild_meter`; the meter's lock lets one of them work at a time. */
export function* meter(state: State, rules: Rules): Generator<Step<State>> {
  const { meterWork: work, budget } = state;
  if (work === undefined) {
    yield {
      name: "advance_meter begins",
      to: { ...state, meterWork: { task: "advance_meter", look: undefined } },
    };
    if (budget.rebuilds === 0) return;
    const spent = { ...budget, rebuilds: budget.rebuilds - 1 };
    const to: State = { ...state, budget: spent, meterWork: { task: "rebuild_meter", look: undefined } };
    yield { name: "rebuild_meter begins", to };
    return;
  }
  const next = look(state, work.look, rules);
  if ("look" in next) {
    yield {
      name: `${work.task}: reads ${next.words}`,
      to: { ...state, meterWork: { ...work, look: next.look } },
    };
  } else if (work.task === "advance_meter") {
    const to = advanced(state, next.moment);
    yield { name: `advance_meter: reads what is pending up to ${next.moment}`, to };
  } else {
    const settled = rules.rebuildGoesBack ? next.moment : Math.max(next.moment, state.meterMoment);
    yield { name: `rebuild_meter: reads the ledger up to ${settled}`, to: rebuilt(state, settled) };
  }
}

function advanced(state: State, settled: Moment): State {
  return {
    ...state,
    metered: ascending([...state.metered, ...state.pending.filter((at) => at <= settled)]),
    pending: state.pending.filter((at) => at > settled),
    meterMoment: Math.max(state.meterMoment, settled),
    meterWork: undefined,
  };
}

function rebuilt(state: State, settled: Moment): State {
  return {
    ...state,
    metered: state.ledger.filter((at) => at <= settled),
    pending: state.pending.filter((at) => at > settled),
    meterMoment: settled,
    meterWork: undefined,
  };
}
