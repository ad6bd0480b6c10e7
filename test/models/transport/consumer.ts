import type { Step } from "../explore.ts";
import { identityOf, isPast } from "./durable.ts";
import type { Rules } from "./rules.ts";
import {
  type Batch,
  type Database,
  type Delivery,
  type Event,
  type CommittedSequences,
  type State,
  setOf,
} from "./state.ts";

/** What deliveries.ts and consume.ts do. */
export function* consumer(state: State, rules: Rules): Generator<Step<State>> {
  yield* pull(state);
  for (const batch of state.hands) {
    const others = state.hands.filter((other) => other !== batch);
    yield { name: `${named(batch)} is given back, or its consumer ends`, to: { ...state, hands: others } };
    if (batch.is === "delivered") {
      const committed = recordBatch(state.database, batch, rules);
      const to = withHands({ ...state, database: committed }, [...others, { ...batch, is: "committed" }]);
      yield { name: `recordBatch: ${named(batch)} is committed`, to };
    } else yield* acknowledge({ ...state, hands: others }, batch, rules);
  }
}

/**
 * Before each pull the consumer reads which stream and durable it pulls from (`checkDurable`), which may be others by
 * then. What was delivered before and is not acknowledged comes again: ack-wait may be over at any time.
 */
function* pull(state: State): Generator<Step<State>> {
  const { stream, durable, hangs, former } = state.broker;
  if (stream === undefined || durable === undefined || hangs) return;
  if (state.hands.length >= state.budget.hands) return;
  const open = stream.messages.filter((message) => !isPast(durable, message));
  for (const size of open.map((_, index) => index + 1)) {
    const deliveries = open.slice(0, size).map(({ sequence, event, era }) => ({ sequence, event, era }));
    const delivered = Math.max(durable.delivered, ...deliveries.map(({ sequence }) => sequence));
    const pulled = { ...state, broker: { ...state.broker, durable: { ...durable, delivered } } };
    for (const identity of [identityOf(stream, durable), ...former]) {
      const batch: Batch = { identity, deliveries, is: "delivered" };
      const from = former.includes(identity) ? " by what was read of a former stream or durable" : "";
      yield { name: `pull: ${named(batch)}${from}`, to: withHands(pulled, [...state.hands, batch]) };
    }
  }
}

/**
 * COMMIT: new events and committed sequences. CommittedSequences has one row per batch until it is
 * compacted; here it is always compact, which makes no difference to its readers.
 */
function recordBatch(database: Database, { identity, deliveries }: Batch, rules: Rules): Database {
  const durable = rules.committedSequencesOf === "stream" ? 0 : identity.durable;
  const key = { stream: identity.stream, durable };
  const isOther = (row: CommittedSequences): boolean =>
    row.stream !== key.stream || row.durable !== key.durable;
  const before = database.progress.find((row) => !isOther(row))?.sequences ?? [];
  const row = { ...key, sequences: setOf([...before, ...deliveries.map(({ sequence }) => sequence)]) };
  const told = [...database.events, ...deliveries.map(({ event }) => event)];
  return {
    ...database,
    events: rules.counts === "by key" ? setOf(told) : told.toSorted(byName),
    progress: [...database.progress.filter(isOther), row].toSorted(
      (a, b) => a.stream - b.stream || a.durable - b.durable,
    ),
  };
}

/** After COMMIT: the check of the broker, and the acknowledgement, which carries only the sequences. */
function* acknowledge(state: State, batch: Batch, rules: Rules): Generator<Step<State>> {
  if (batch.is === "being acknowledged") {
    yield { name: `the acknowledgement of ${named(batch)} arrives`, to: acknowledged(state, batch) };
    return;
  }
  if (state.broker.hangs) return;
  if (rules.beforeAck === "identity and stored time" && !isStillThere(state, batch)) {
    yield { name: `${named(batch)} is not acknowledged: the stream is not as it was`, to: state };
  } else if (rules.checkAndAck === "one step") {
    yield { name: `ack: ${named(batch)}`, to: acknowledged(state, batch) };
  } else {
    const to = withHands(state, [...state.hands, { ...batch, is: "being acknowledged" }]);
    yield { name: `the stream is as it was: the acknowledgement of ${named(batch)} leaves`, to };
  }
}

/**
 * The identities of stream and durable, and the stored time of the batch's highest message. What a stream loses it loses
 * from its end, and only what is beyond its end is given out again: where the highest is the same, all below it are.
 */
function isStillThere({ broker: { stream, durable } }: State, { identity, deliveries }: Batch): boolean {
  if (stream === undefined || durable === undefined) return false;
  const highest = deliveries.at(-1);
  const there = stream.messages.find(({ sequence }) => sequence === highest?.sequence);
  return (
    identity.stream === stream.created && identity.durable === durable.created && there?.era === highest?.era
  );
}

function acknowledged(state: State, { deliveries }: Batch): State {
  const { durable, stream } = state.broker;
  if (durable === undefined || stream === undefined) return state;
  const isThere = ({ sequence }: Delivery): boolean =>
    sequence <= durable.delivered && stream.messages.some((message) => message.sequence === sequence);
  const acked = setOf([...durable.acked, ...deliveries.filter(isThere).map(({ sequence }) => sequence)]);
  return { ...state, broker: { ...state.broker, durable: { ...durable, acked } } };
}

/** Batches in canonical order. Identical batches are equivalent to one. */
function withHands(state: State, hands: readonly Batch[]): State {
  const distinct = new Map(hands.map((batch) => [JSON.stringify(batch), batch]));
  return { ...state, hands: setOf(distinct.keys()).flatMap((key) => distinct.get(key) ?? []) };
}

function byName(a: Event, b: Event): number {
  return a < b ? -1 : Number(a > b);
}

function named({ deliveries }: Batch): string {
  return deliveries.map(({ event, sequence }) => `${event} at ${sequence}`).join(", ");
}
