import type { Model } from "../explore.ts";
import { broker } from "./broker.ts";
import { consumer } from "./consumer.ts";
import { ingress } from "./ingress.ts";
import { invariants } from "./invariants.ts";
import { operator } from "./operator.ts";
import type { Rules } from "./rules.ts";
import type { Budget, Event, State } from "./state.ts";

const calm: Budget = {
  writes: 2,
  hands: 2,
  brokenBatches: 0,
  hangingSyncs: 0,
  powerCuts: 0,
  streamLost: 0,
  streamRestored: 0,
  databaseRestored: 0,
  replays: 0,
};

/** The path of an event from Stripe into the database, and its purge from the stream. */
export function transport(
  rules: Rules,
  faults: Partial<Budget>,
  events: readonly Event[] = ["A", "B"],
): Model<State> {
  const initial: State = {
    requests: Object.fromEntries(events.map((event) => [event, "unsent"])),
    confirmed: [],
    broker: {
      stream: { created: 1, last: 0, messages: [], known: [] },
      durable: { created: 1, start: 1, delivered: 0, acked: [] },
      hangs: false,
      made: 1,
      era: 0,
      former: [],
    },
    hands: [],
    database: { events: [], progress: [] },
    operator: { snapshot: undefined, backup: undefined, replayDue: "no", purgeJob: "runs" },
    purgedUncommitted: false,
    budget: { ...calm, ...faults },
  };
  return {
    initial,
    *steps(state) {
      yield* ingress(state, rules);
      yield* broker(state, rules);
      yield* consumer(state, rules);
      yield* operator(state, rules);
    },
    invariants: invariants(rules),
  };
}
