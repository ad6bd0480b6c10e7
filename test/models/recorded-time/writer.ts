import type { Step } from "../explore.ts";
import type { Rules } from "./rules.ts";
import { commit, inOrder, withEntry } from "./server.ts";
import type { Recording, State } from "./state.ts";

/** The statements of `begin_recording`, one by one, and the end of the transaction. */
export function* writer(state: State, rules: Rules): Generator<Step<State>> {
  const seen = new Set<string>();
  for (const recording of state.recordings) {
    // Recordings are interchangeable.
    const key = JSON.stringify(recording);
    if (seen.has(key)) continue;
    seen.add(key);
    yield* advance(state, recording, rules);
  }
}

function* advance(state: State, recording: Recording, rules: Rules): Generator<Step<State>> {
  const becomes = (next: Recording): State => withRecording(state, recording, next);
  const { clock, latest } = state;
  const isMonotonic = rules.recordedAt === "after everything committed";
  if (recording.is === "ended") return;
  if (recording.is === "not begun") {
    const key = isMonotonic ? Math.max(clock, latest) : clock;
    const what = isMonotonic ? `reads the floor (${latest}) and the clock` : "reads the clock";
    yield {
      name: `begin_recording: ${what} (${clock})`,
      to: becomes({ is: "about to show its lock", key, latest }),
    };
    return;
  }
  yield { name: "a recording is rolled back", to: becomes({ is: "not begun" }) };
  if (recording.is === "about to show its lock") {
    yield {
      name: `begin_recording: shows a lock with key ${recording.key}`,
      to: becomes({ ...recording, is: "showing its lock" }),
    };
  } else if (recording.is === "showing its lock") {
    const { key } = recording;
    const floor = rules.floorIsReadAgain ? latest : recording.latest;
    const recordedAt = isMonotonic ? Math.max(clock, floor + 1, key + 1) : clock;
    yield { name: `begin_recording: returns ${recordedAt}`, to: becomes({ is: "dated", key, recordedAt }) };
  } else {
    const { recordedAt } = recording;
    const committed = commit(becomes({ is: "ended" }), recordedAt);
    yield { name: `an entry recorded at ${recordedAt} is committed`, to: withEntry(committed, recordedAt) };
    // `advance_recorded_time` records nothing; so does a batch of duplicates.
    yield { name: `a recording of nothing at ${recordedAt} is committed`, to: committed };
  }
}

function withRecording(state: State, from: Recording, to: Recording): State {
  const others = state.recordings.toSpliced(state.recordings.indexOf(from), 1);
  return { ...state, recordings: inOrder([...others, to]) };
}
