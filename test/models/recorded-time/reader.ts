import type { Step } from "../explore.ts";
import type { Rules } from "./rules.ts";
import { foreignKey, type SafeTimeRead, type Moment, noKey, type State } from "./state.ts";

/** A reader asks for the safe read time once, at any point; more often would add nothing. */
export function* reader(state: State, rules: Rules): Generator<Step<State>> {
  if (state.told !== undefined) return;
  if (rules.toldAfterRestart === "once replicated" && !state.isReplicated) return;
  const next = safeTimeRead(state, state.reader, rules);
  if ("safeTimeRead" in next) {
    yield { name: `safe_read_time: reads ${next.words}`, to: { ...state, reader: next.safeTimeRead } };
    return;
  }
  const { moment } = next;
  const entries = state.ledger.filter((recordedAt) => recordedAt <= moment);
  const to = { ...state, reader: undefined, told: { moment, entries } };
  yield { name: `safe_read_time: a reader is told ${moment}, and reads what was recorded by then`, to };
}

/** The two statements of `safe_read_time`: the first stores a safeTimeRead, the second returns the time. */
export function safeTimeRead(
  state: State,
  before: SafeTimeRead,
  rules: Rules,
): { readonly safeTimeRead: SafeTimeRead; readonly words: string } | { readonly moment: Moment } {
  if (before === undefined && rules.locksAreRead === "after") {
    const latest = latestOf(state, rules);
    return { safeTimeRead: { latest }, words: `the latest time (${latest})` };
  }
  if (before === undefined) {
    const oldest = oldestOf(state, rules);
    return {
      safeTimeRead: { oldest },
      words: oldest === noKey ? "the locks (none)" : `the locks (oldest: ${oldest})`,
    };
  }
  const latest = "latest" in before ? before.latest : latestOf(state, rules);
  const oldest = "oldest" in before ? before.oldest : oldestOf(state, rules);
  const safeTime = Math.min(latest, oldest);
  return { moment: rules.safeTimeFrom === "clock" ? safeTime - 1 : safeTime };
}

function latestOf({ clock, latest }: State, { safeTimeFrom }: Rules): Moment {
  return safeTimeFrom === "clock" ? clock : latest;
}

function oldestOf({ recordings, foreignLock }: State, { locksOf }: Rules): Moment {
  const shown = recordings.flatMap((recording) =>
    recording.is === "showing its lock" || recording.is === "dated" ? [recording.key] : [],
  );
  return Math.min(noKey, ...shown, ...(foreignLock && locksOf === "anyone" ? [foreignKey] : []));
}
