import type { Step } from "../explore.ts";
import type { Rules } from "./rules.ts";
import { ascending, type Recording, type State } from "./state.ts";

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

function commit(state: State, recordedAt: number): State {
  return { ...state, latest: Math.max(state.latest, recordedAt) };
}

function withEntry(state: State, recordedAt: number): State {
  return {
    ...state,
    ledger: ascending([...state.ledger, recordedAt]),
    pending: ascending([...state.pending, recordedAt]),
  };
}

function withRecording(state: State, from: Recording, to: Recording): State {
  const others = state.recordings.toSpliced(state.recordings.indexOf(from), 1);
  return { ...state, recordings: inOrder([...others, to]) };
}

function inOrder(recordings: readonly Recording[]): readonly Recording[] {
  return recordings
    .map((recording) => ({ recording, key: JSON.stringify(recording) }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ recording }) => recording);
}

/**
 * Failover to the synchronous standby: it has everything that is committed, and perhaps what was being committed. Locks
 * and sessions are gone, and its clock may be behind.
 */
export function* failover(state: State): Generator<Step<State>> {
  const { budget } = state;
  if (budget.failovers === 0) return;
  const after: State = {
    ...state,
    recordings: inOrder(state.recordings.map(({ is }) => (is === "ended" ? { is } : { is: "not begun" }))),
    reader: undefined,
    rollupWork: undefined,
    foreignLock: false,
    budget: { ...budget, failovers: budget.failovers - 1 },
  };
  const dated = state.recordings.filter((recording) => recording.is === "dated");
  for (let clock = 1; clock <= state.clock; clock += 1) {
    yield { name: `failover to a standby whose clock says ${clock}`, to: { ...after, clock } };
    for (const { recordedAt } of dated) {
      const index = after.recordings.findIndex(({ is }) => is === "not begun");
      const recordings = inOrder(after.recordings.with(index, { is: "ended" }));
      const to = withEntry(commit({ ...after, clock, recordings }, recordedAt), recordedAt);
      yield {
        name: `failover to a standby whose clock says ${clock} and that had received ${recordedAt}`,
        to,
      };
    }
  }
}
