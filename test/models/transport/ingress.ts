import type { Step } from "../explore.ts";
import type { Rules } from "./rules.ts";
import { type Event, eventsOf, type State, type Stream, setOf, spend, withRequest } from "./state.ts";

/**
 * What `publish` of event-publisher.ts does, what the server makes of it, and ingress's answer, in one step: a
 * confirmation that arrives later finds nothing that one that arrives at once does not. It may be lost on its way.
 */
export function* ingress(state: State, rules: Rules): Generator<Step<State>> {
  const { stream, hangs } = state.broker;
  if (stream === undefined || hangs) return;
  const waiting = eventsOf(state).filter((event) => mayBeSent(state, event));
  for (const event of waiting) {
    if (stream.known.includes(event)) yield* duplicate(state, event, rules);
    else yield* one(state, event);
  }
  for (const first of waiting) {
    for (const second of waiting) if (first !== second) yield* together(state, stream, first, second);
  }
}

function mayBeSent({ requests }: State, event: Event): boolean {
  return requests[event] === "unsent" || requests[event] === "refused";
}

/** A single message with an id that is new to the server. */
function* one(state: State, event: Event): Generator<Step<State>> {
  const synced = write(state, event, true);
  if (synced === undefined) return;
  yield { name: `one(${event}): stored, synced, confirmed, answered 200`, to: told(synced, event) };
  const lost = withRequest(synced, event, "refused");
  yield { name: `one(${event}): stored, synced; the confirmation is lost, answered 503`, to: lost };
  const hanging = spend(state, "hangingSyncs");
  const unsynced = hanging && write(hanging, event, false);
  if (unsynced === undefined) return;
  const to = withRequest({ ...unsynced, broker: { ...unsynced.broker, hangs: true } }, event, "refused");
  yield { name: `one(${event}): written, its sync hangs, answered 503`, to };
}

/** The server knows the id: it has stored the message, and perhaps not synced it. */
function* duplicate(state: State, event: Event, rules: Rules): Generator<Step<State>> {
  // What is remembered belongs to one connection, and every connection may have been lost a moment ago.
  if (mayBelieve(state, event, rules))
    yield { name: `one(${event}): duplicate, answered 200`, to: withRequest(state, event, "told") };
  if (rules.duplicates === "believed") return;
  const again = write(state, event, true);
  if (again === undefined) return;
  const name = `one(${event}): duplicate; without deduplication: stored, synced, confirmed, answered 200`;
  yield { name, to: told(again, event) };
}

function mayBelieve({ confirmed, broker }: State, event: Event, { duplicates }: Rules): boolean {
  if (duplicates === "believed") return true;
  const known = confirmed.find((one) => one.event === event);
  if (known === undefined || duplicates === "believed if confirmed here") return known !== undefined;
  // The look at the stream is up to three seconds old; that is left out.
  return broker.stream?.messages.some(({ sequence }) => sequence === known.sequence) === true;
}

/** An atomic batch. It is refused whole when one of its ids is known. */
function* together(state: State, { known }: Stream, first: Event, second: Event): Generator<Step<State>> {
  if (known.includes(first) || known.includes(second)) return;
  const begun = write(state, first, true);
  const whole = begun && write(begun, second, true);
  if (whole !== undefined) {
    const to = told(told(whole, first), second);
    yield { name: `together(${first}, ${second}): stored, synced, confirmed, answered 200`, to };
  }
  // nats-server 2.15.1 does not sync within a batch, and where the batch fails it does not make up for it.
  const breaking = spend(state, "brokenBatches");
  const broken = breaking && write(breaking, first, false);
  if (broken === undefined) return;
  const to = withRequest(withRequest(broken, first, "refused"), second, "refused");
  yield { name: `together(${first}, ${second}): fails when ${first} is written, answered 503`, to };
}

/** 200, because the stream has confirmed the event on this connection. */
function told(state: State, event: Event): State {
  const stored = state.broker.stream?.messages.findLast((message) => message.event === event);
  if (stored === undefined) throw new Error(`${event} was not written`);
  const others = state.confirmed.filter((one) => one.event !== event);
  const confirmed = [...others, { event, sequence: stored.sequence }].toSorted(
    (a, b) => a.sequence - b.sequence,
  );
  return withRequest({ ...state, confirmed }, event, "told");
}

/** Puts a message at the end of the stream. `undefined`: there is no stream, or no more may be written. */
function write(state: State, event: Event, synced: boolean): State | undefined {
  const { stream, era } = state.broker;
  const spent = spend(state, "writes");
  if (stream === undefined || spent === undefined) return undefined;
  const last = stream.last + 1;
  const longer: Stream = {
    ...stream,
    last,
    messages: [...stream.messages, { sequence: last, event, era, synced }],
    known: setOf([...stream.known, event]),
  };
  return { ...spent, broker: { ...state.broker, stream: longer } };
}
