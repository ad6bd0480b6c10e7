import type { Step } from "../explore.ts";
import { ascending, type Moment, type Recording, type State, type Stored } from "./state.ts";

/** A commit that waited for the standby: it has everything up to this one. */
export function commit(state: State, recordedAt: Moment): State {
  const latest = Math.max(state.latest, recordedAt);
  return { ...state, latest, standby: undefined, isReplicated: true };
}

export function withEntry(state: State, recordedAt: Moment): State {
  return {
    ...state,
    ledger: ascending([...state.ledger, recordedAt]),
    pending: ascending([...state.pending, recordedAt]),
  };
}

/** Recordings in canonical order, because they are interchangeable. */
export function inOrder(recordings: readonly Recording[]): readonly Recording[] {
  return recordings
    .map((recording) => ({ recording, key: JSON.stringify(recording) }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ recording }) => recording);
}

/** A crash and a restart. A commit that still waited for the standby becomes visible, although that lacks it. */
export function* restart(state: State): Generator<Step<State>> {
  const { budget } = state;
  if (budget.restarts === 0) return;
  const spent = { ...budget, restarts: budget.restarts - 1 };
  const after: State = { ...withoutSessions(state), isReplicated: false, budget: spent };
  yield { name: "the server crashes and restarts", to: after };
  for (const recordedAt of datedIn(state)) {
    const shown = withUnknownOutcome(after, recordedAt);
    const to = { ...shown, isReplicated: false, standby: state.standby ?? storedIn(state) };
    yield { name: `the server restarts and shows ${recordedAt}, which waited for the standby`, to };
  }
}

/**
 * Failover to the synchronous standby: it has everything that is committed, and perhaps what was being committed. Locks
 * and sessions are gone, and its clock may be behind. It may have no standby itself, so readers need not wait for one.
 */
export function* failover(state: State): Generator<Step<State>> {
  const { budget } = state;
  if (budget.failovers === 0) return;
  const spent = { ...budget, failovers: budget.failovers - 1 };
  const after: State = { ...withoutSessions(state), standby: undefined, isReplicated: true, budget: spent };
  for (let clock = 1; clock <= state.clock; clock += 1) {
    const name = `failover to a standby whose clock says ${clock}`;
    yield { name, to: { ...after, ...state.standby, clock } };
    if (state.standby !== undefined)
      yield { name: `${name} and that had received everything`, to: { ...after, clock } };
    for (const recordedAt of datedIn(state)) {
      const to = withUnknownOutcome({ ...after, clock }, recordedAt);
      yield { name: `${name} and that had received ${recordedAt}`, to };
    }
  }
}

function withoutSessions(state: State): State {
  return {
    ...state,
    recordings: inOrder(state.recordings.map(({ is }) => (is === "ended" ? { is } : { is: "not begun" }))),
    reader: undefined,
    rollupWork: undefined,
    foreignLock: false,
  };
}

/** What was being committed, and is stored although no session was told so. */
function withUnknownOutcome(after: State, recordedAt: Moment): State {
  const index = after.recordings.findIndex(({ is }) => is === "not begun");
  const recordings = inOrder(after.recordings.with(index, { is: "ended" }));
  return withEntry(commit({ ...after, recordings }, recordedAt), recordedAt);
}

function datedIn({ recordings }: State): readonly Moment[] {
  return recordings.flatMap((recording) => (recording.is === "dated" ? [recording.recordedAt] : []));
}

function storedIn({ latest, ledger, rolledUp, pending, rollupWatermark }: State): Stored {
  return { latest, ledger, rolledUp, pending, rollupWatermark };
}
