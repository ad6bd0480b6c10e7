import type { Step } from "../explore.ts";
import type { Rules } from "./rules.ts";
import { foreignKey, type Look, type Moment, noKey, type State } from "./state.ts";

/** Somebody asks what time it is, once; when does not matter, so that once is as good as often. */
export function* reader(state: State, rules: Rules): Generator<Step<State>> {
  if (state.told !== undefined) return;
  const next = look(state, state.reader, rules);
  if ("look" in next) {
    yield { name: `latest_moment: reads ${next.words}`, to: { ...state, reader: next.look } };
    return;
  }
  const { moment } = next;
  const entries = state.ledger.filter((recordedAt) => recordedAt <= moment);
  const to = { ...state, reader: undefined, told: { moment, entries } };
  yield { name: `latest_moment: a reader is told ${moment}, and reads what was recorded by then`, to };
}

/** The two statements of `latest_moment`: the first leaves a look, the second gives the moment. */
export function look(
  state: State,
  before: Look,
  rules: Rules,
): { readonly look: Look; readonly words: string } | { readonly moment: Moment } {
  if (before === undefined && rules.locksAreRead === "after") {
    const latest = latestOf(state, rules);
    return { look: { latest }, words: `the latest time (${latest})` };
  }
  if (before === undefined) {
    const oldest = oldestOf(state, rules);
    return {
      look: { oldest },
      words: oldest === noKey ? "the locks (none)" : `the locks (oldest: ${oldest})`,
    };
  }
  const latest = "latest" in before ? before.latest : latestOf(state, rules);
  const oldest = "oldest" in before ? before.oldest : oldestOf(state, rules);
  const settled = Math.min(latest, oldest);
  return { moment: rules.toldBy === "clock" ? settled - 1 : settled };
}

function latestOf({ clock, latest }: State, { toldBy }: Rules): Moment {
  return toldBy === "clock" ? clock : latest;
}

function oldestOf({ recordings, foreignLock }: State, { locksOf }: Rules): Moment {
  const shown = recordings.flatMap((recording) =>
    recording.is === "showing its lock" || recording.is === "dated" ? [recording.key] : [],
  );
  return Math.min(noKey, ...shown, ...(foreignLock && locksOf === "anyone" ? [foreignKey] : []));
}
