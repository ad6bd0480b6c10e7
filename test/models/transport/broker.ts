import type { Step } from "../explore.ts";
import type { Rules } from "./rules.ts";
import { type Durable, type Message, type State, type Stream, setOf, spend } from "./state.ts";

/**
 * How nats-server ends and comes back: at once, since nothing can happen in between but that ingress answers 503. Only
 * where something was not synced does that change more than ingress's memory.
 */
export function* broker(state: State, rules: Rules): Generator<Step<State>> {
  const { stream } = state.broker;
  const unsynced = stream?.messages.filter(({ synced }) => !synced) ?? [];
  if (stream === undefined || unsynced.length === 0) return;
  yield {
    name: "the broker is killed and comes back with its page cache",
    to: restarted(state, stream, rules),
  };
  const dark = spend(state, "powerCuts");
  if (dark === undefined) return;
  yield {
    name: "power cut: what is not synced is gone",
    to: restarted(dark, without(stream, unsynced), rules),
  };
  // Several files of the page cache may have been written back in part.
  for (const gone of unsynced.length > 1 ? unsynced : []) {
    const to = restarted(dark, without(stream, [gone]), rules);
    yield { name: `power cut: of what is not synced only ${gone.event} at ${gone.sequence} is gone`, to };
  }
}

/** The server with what its stream has left: it knows the ids of those messages, and gives out what follows them. */
function restarted(state: State, stream: Stream, { durableAheadOfStream }: Rules): State {
  const { durable, era } = state.broker;
  const isShorter = stream.last < (state.broker.stream?.last ?? 0);
  const known = setOf(stream.messages.map(({ event }) => event));
  return {
    ...state,
    confirmed: [],
    // An acknowledgement in flight is lost with its connection; without a connection the client sends none.
    hands: state.hands.filter((batch) => batch.is !== "being acknowledged"),
    broker: {
      ...state.broker,
      hangs: false,
      stream: { ...stream, known },
      durable: durable && durableAheadOfStream === "moved back" ? movedBack(durable, stream.last) : durable,
      era: isShorter ? era + 1 : era,
    },
  };
}

/** `reconcileStateWithStream` of nats-server's consumer.go, which it does for durables with one replica. */
function movedBack(durable: Durable, last: number): Durable {
  return {
    ...durable,
    delivered: Math.min(durable.delivered, last),
    acked: durable.acked.filter((sequence) => sequence <= last),
  };
}

function without(stream: Stream, gone: readonly Message[]): Stream {
  const messages = stream.messages.filter((message) => !gone.includes(message));
  const cutFromTheEnd = gone.some(({ sequence }) => sequence === stream.last);
  // What was purged stays purged: the sequences of a stream never restart.
  const beforeTheGone = Math.min(...gone.map(({ sequence }) => sequence)) - 1;
  const last = cutFromTheEnd
    ? Math.max(beforeTheGone, ...messages.map(({ sequence }) => sequence))
    : stream.last;
  return { ...stream, messages, last };
}
