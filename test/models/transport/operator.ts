import type { Step } from "../explore.ts";
import { ackFloor, committedFloor, identityOf } from "./durable.ts";
import type { Rules } from "./rules.ts";
import {
  type Broker,
  type Durable,
  eventsOf,
  type State,
  type Stream,
  setOf,
  spend,
  withRequest,
} from "./state.ts";

/** The actions of operators and jobs, in the order of docs/runbooks/recovery.md, and the losses that require them. */
export function* operator(state: State, rules: Rules): Generator<Step<State>> {
  yield* applyTopology(state);
  yield* purgeBelow(state, rules);
  yield* replayStream(state, rules);
  yield* streamLost(state);
  yield* streamRestored(state, rules);
  yield* databaseRestored(state, rules);
  for (const event of eventsOf(state)) {
    if (state.requests[event] !== "lost with the disk") continue;
    yield { name: `Stripe is made to send ${event} again`, to: withRequest(state, event, "refused") };
  }
  const { replayDue, purgeJob } = state.operator;
  if (purgeJob === "stopped" && replayDue === "no") {
    const to: State = { ...state, operator: { ...state.operator, purgeJob: "runs" } };
    yield { name: "the purge job is started again", to };
  }
}

/** `takings stream`: creates what is missing. */
function* applyTopology(state: State): Generator<Step<State>> {
  const { stream, durable, made } = state.broker;
  if (stream !== undefined && durable !== undefined) return;
  const madeStream: Stream = stream ?? { created: made + 1, last: 0, messages: [], known: [] };
  const to = withDurable({ ...state, broker: { ...state.broker, stream: madeStream } }, made + 1, 1);
  yield { name: `applyTopology: ${stream ? "the durable" : "stream and durable"} made anew`, to };
}

/** A durable that begins at a sequence. One that begins at the first delivers everything, and no replay is due any more. */
function withDurable(state: State, created: number, start: number): State {
  const { broker } = state;
  const durable: Durable = { created, start, delivered: start - 1, acked: [] };
  const operator = start === 1 ? { ...state.operator, replayDue: "no" as const } : state.operator;
  return { ...state, broker: { ...withFormer(broker), durable, made: created }, operator };
}

/** The broker whose stream or durable is about to go: a consumer may have read what it is. */
function withFormer(broker: Broker): Broker {
  const { stream, durable, former } = broker;
  if (stream === undefined || durable === undefined) return broker;
  return { ...broker, former: [...former, identityOf(stream, durable)] };
}

/**
 * `takings purge`. What it reads and the purge itself are one step here: docs/decisions/0015 says what is left of that.
 * Age is left out: anything may be old.
 */
function* purgeBelow(state: State, rules: Rules): Generator<Step<State>> {
  const { stream, durable } = state.broker;
  if (stream === undefined || durable === undefined) return;
  if (state.operator.purgeJob === "stopped") return;
  const upTo = purgeableFloor(state, stream, durable, rules);
  const purged = stream.messages.filter(({ sequence }) => sequence <= upTo);
  if (purged.length === 0) return;
  const messages = stream.messages.filter(({ sequence }) => sequence > upTo);
  const forgotten = rules.keeps === "anything" ? [] : purged.map(({ event }) => event);
  const known = stream.known.filter((event) => !forgotten.includes(event));
  const isCommitted = purged.every(({ event }) => state.database.events.includes(event));
  const acked = durable.acked.filter((sequence) => sequence > upTo);
  const to: State = {
    ...state,
    broker: { ...state.broker, stream: { ...stream, messages, known }, durable: { ...durable, acked } },
    purgedUncommitted: state.purgedUncommitted || !isCommitted,
  };
  yield { name: `purgeBelow(${upTo + 1})`, to };
}

/** `planPurge` of purge-plan.ts. */
export function purgeableFloor(state: State, stream: Stream, durable: Durable, rules: Rules): number {
  const acknowledged = rules.purgeBelow === "progress" ? stream.last : ackFloor(stream, durable);
  const committed =
    rules.purgeBelow === "floor" ? stream.last : committedFloor(state.database, stream, durable, rules);
  return Math.min(acknowledged, committed);
}

/** Deletes the durable and creates it again; it may be interrupted in between, and called again. */
function* replayStream(state: State, rules: Rules): Generator<Step<State>> {
  const { stream, durable, made } = state.broker;
  const isDue = state.operator.replayDue !== "no";
  const spent = isDue ? state : spend(state, "replays");
  if (stream === undefined || spent === undefined) return;
  const starts = new Set(
    asked(state, stream).map((from) => Math.min(from, firstOpen(state, stream, durable, rules))),
  );
  for (const start of starts) {
    const done = withDurable(spent, made + 1, start);
    const to: State = { ...done, operator: { ...done.operator, replayDue: "no" } };
    yield { name: `replayStream: the durable is made anew and begins at ${start}`, to };
  }
  if (durable !== undefined && !isDue) {
    const to = { ...spent, broker: { ...withFormer(state.broker), durable: undefined } };
    yield { name: "replayStream: the durable is deleted, and the command is interrupted", to };
  }
}

/** What the runbook lets an operator ask for: any sequence, or no later than the backup, or the first. */
function asked({ operator }: State, { created, last }: Stream): readonly number[] {
  const any = Array.from({ length: last + 1 }, (_, index) => index + 1);
  if (operator.replayDue === "no") return any;
  const { backup } = operator;
  if (operator.replayDue === "all" || backup?.stream !== created) return [1];
  return any.filter((sequence) => sequence <= backup.last + 1);
}

/** The first sequence that a replay may not pass over. */
function firstOpen(state: State, stream: Stream, durable: Durable | undefined, rules: Rules): number {
  const unknown = stream.last + 1;
  if (durable === undefined) return rules.replayWithoutDurable === "first" ? 1 : unknown;
  if (rules.replayFrom === "asked") return unknown;
  const unacknowledged = ackFloor(stream, durable) + 1;
  if (rules.replayFrom === "unacknowledged") return unacknowledged;
  return Math.min(unacknowledged, committedFloor(state.database, stream, durable, rules) + 1);
}

/** Deleted, or its store was lost. */
function* streamLost(state: State): Generator<Step<State>> {
  const spent = spend(state, "streamLost");
  if (spent === undefined || state.broker.stream === undefined) return;
  const broker = { ...withFormer(state.broker), stream: undefined, durable: undefined, hangs: false };
  yield { name: "the stream is lost", to: withLosses({ ...spent, broker }) };
}

/** A snapshot holds the durable as it was, too. */
function* streamRestored(state: State, rules: Rules): Generator<Step<State>> {
  const { stream, durable, era } = state.broker;
  const { snapshot } = state.operator;
  if (state.budget.streamRestored === 0) return;
  if (snapshot === undefined) {
    if (stream === undefined || durable === undefined || stream.messages.some(({ synced }) => !synced))
      return;
    const to = { ...state, operator: { ...state.operator, snapshot: { stream, durable } } };
    yield { name: `a snapshot of the stream is taken, up to ${stream.last}`, to };
    return;
  }
  const spent = spend(state, "streamRestored");
  if (spent === undefined) return;
  const known = setOf(snapshot.stream.messages.map(({ event }) => event));
  const broker = {
    ...withFormer(state.broker),
    ...snapshot,
    stream: { ...snapshot.stream, known },
    hangs: false,
    era: era + 1,
  };
  const operator = { ...state.operator, snapshot: undefined, replayDue: "all" as const };
  const restored = withLosses({ ...spent, broker, operator });
  yield { name: "the stream is restored from the snapshot", to: purgeJobWhile(restored, rules) };
}

/** From a backup, or by a standby that had not received everything. */
function* databaseRestored(state: State, rules: Rules): Generator<Step<State>> {
  const { stream } = state.broker;
  const { backup } = state.operator;
  if (state.budget.databaseRestored === 0) return;
  if (backup === undefined) {
    if (stream === undefined) return;
    const taken = { ...state.database, stream: stream.created, last: stream.last };
    yield {
      name: "a backup of the database is taken",
      to: { ...state, operator: { ...state.operator, backup: taken } },
    };
    return;
  }
  const spent = spend(state, "databaseRestored");
  if (spent === undefined) return;
  const { events, progress } = backup;
  const replayDue = state.operator.replayDue === "all" ? "all" : rules.replayAfterBackup;
  const operator = { ...state.operator, replayDue } as const;
  const restored = withLosses({ ...spent, database: { events, progress }, operator });
  yield { name: "the database is restored from the backup", to: purgeJobWhile(restored, rules) };
}

function purgeJobWhile(state: State, { purgeDuringRestore }: Rules): State {
  return { ...state, operator: { ...state.operator, purgeJob: purgeDuringRestore } };
}

/** A lost disk loses what is nowhere else. Stripe has it, and the runbook asks for it. */
function withLosses(state: State): State {
  const lost = eventsOf(state).filter((event) => {
    return state.requests[event] === "told" && !isSafe(state, event);
  });
  return lost.reduce((after, event) => withRequest(after, event, "lost with the disk"), state);
}

/** Whether an event survives a power failure. */
export function isSafe({ database, broker: { stream } }: State, event: string): boolean {
  const isOnDisk = stream?.messages.some((message) => message.event === event && message.synced);
  return database.events.some((stored) => stored === event) || isOnDisk === true;
}
