import type { Model } from "../explore.ts";
import { isPast } from "./durable.ts";
import { isSafe, purgeableFloor } from "./operator.ts";
import type { Rules } from "./rules.ts";
import { eventsOf, type State } from "./state.ts";

export function invariants(rules: Rules): Model<State>["invariants"] {
  return {
    "a 2xx is on a disk or in the database": (state) =>
      eventsOf(state).every((event) => state.requests[event] !== "told" || isSafe(state, event)),

    "nothing counts twice": ({ database: { events } }) => new Set(events).size === events.length,

    // With the first, this says that whatever got a 2xx reaches the database: what is on the stream and not in the
    // database will be delivered. A restored database has lost what was acknowledged, until the replay.
    "nothing is acknowledged or passed over that is not committed": ({ broker, database, operator }) => {
      const { stream, durable } = broker;
      if (stream === undefined || durable === undefined || operator.replayDue !== "no") return true;
      return stream.messages.every(
        (message) => !isPast(durable, message) || database.events.includes(message.event),
      );
    },

    "nothing is purged that is not committed": ({ purgedUncommitted }) => !purgedUncommitted,

    "what is settled can be purged": (state) => {
      const { broker, operator, database, hands } = state;
      const { stream, durable } = broker;
      if (stream === undefined || durable === undefined) return true;
      if (operator.replayDue !== "no" || hands.length > 0) return true;
      const isSettled = stream.messages.every(
        (message) => isPast(durable, message) && database.events.includes(message.event),
      );
      const last = stream.messages.at(-1)?.sequence ?? 0;
      return !isSettled || purgeableFloor(state, stream, durable, rules) >= last;
    },
  };
}
