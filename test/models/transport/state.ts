export type Event = "A" | "B" | "C";

/**
 * What Stripe and ingress know of an event: Stripe has not sent it; it sends it again, because it got no 2xx; it got
 * one; it got one and was lost with a disk, which the runbook makes good by having Stripe send it again.
 */
export type Request = "unsent" | "refused" | "told" | "lost with the disk";

/** A message of the stream. Its stored time is the era: no sequence is given out twice in the same one. */
export type Message = {
  readonly sequence: number;
  readonly event: Event;
  readonly era: number;
  /** Else it is in the page cache only: a crash of the server leaves it, a power cut takes it. */
  readonly synced: boolean;
};

export type Stream = {
  readonly created: number;
  readonly last: number;
  readonly messages: readonly Message[];
  /** The ids by which the broker answers `duplicate`. */
  readonly known: readonly Event[];
};

export type Durable = {
  readonly created: number;
  /** What is before it is never delivered. */
  readonly start: number;
  /** Acknowledgements beyond what was delivered are ignored by the server. */
  readonly delivered: number;
  readonly acked: readonly number[];
};

export type Broker = {
  readonly stream: Stream | undefined;
  readonly durable: Durable | undefined;
  /** It hangs in a sync of its disk and answers nobody until it is restarted. */
  readonly hangs: boolean;
  /** How many streams and durables there have been, and how often sequences were lost. */
  readonly made: number;
  readonly era: number;
  /** Those that a consumer may have read some time ago. */
  readonly former: readonly Identity[];
};

/** What tells one stream, and one durable of it, from others of the same name. */
export type Identity = { readonly stream: number; readonly durable: number };

/** What a consumer is told of a message. */
export type Delivery = Omit<Message, "synced">;

/** Messages in the hands of one consumer, with the identity that it had read before it pulled. */
export type Batch = {
  readonly identity: Identity;
  readonly deliveries: readonly Delivery[];
  readonly is: "delivered" | "committed" | "being acknowledged";
};

export type CommittedSequences = Identity & { readonly sequences: readonly number[] };

export type Database = {
  /** One entry for each time that it counts. */
  readonly events: readonly Event[];
  readonly progress: readonly CommittedSequences[];
};

/** What an operator has put away, and what the runbook still asks of him. */
type Operator = {
  readonly snapshot: { readonly stream: Stream; readonly durable: Durable } | undefined;
  /** With the stream's last sequence of that moment. */
  readonly backup: (Database & { readonly stream: number; readonly last: number }) | undefined;
  readonly replayDue: "no" | "all" | "since the backup";
  readonly purgeJob: "runs" | "stopped";
};

/** How often each may still happen. What leads to nothing new, such as another crash, needs no bound. */
export type Budget = {
  readonly writes: number;
  /** So many batches are in hands at a time, whether of one consumer or of several. */
  readonly hands: number;
  readonly brokenBatches: number;
  readonly hangingSyncs: number;
  /** Power cuts that lose something. */
  readonly powerCuts: number;
  readonly streamLost: number;
  readonly streamRestored: number;
  readonly databaseRestored: number;
  /** Replays that nothing asks for. Those that are due are not counted. */
  readonly replays: number;
};

export type State = {
  readonly requests: Readonly<Partial<Record<Event, Request>>>;
  /** What ingress had confirmed on its present connection, and where; of several copies of an event the last. */
  readonly confirmed: readonly Pick<Message, "event" | "sequence">[];
  readonly broker: Broker;
  readonly hands: readonly Batch[];
  readonly database: Database;
  readonly operator: Operator;
  /** Removed from the stream without being in the database. */
  readonly purgedUncommitted: boolean;
  readonly budget: Budget;
};

/** A set in the order that makes equal sets equal texts. */
export function setOf<T extends string | number>(items: Iterable<T>): readonly T[] {
  return [...new Set(items)].toSorted((a, b) => (a < b ? -1 : 1));
}

/** The state after one of something was used up, or `undefined` when none was left. */
export function spend(state: State, what: keyof Budget): State | undefined {
  const { budget } = state;
  return budget[what] > 0 ? { ...state, budget: { ...budget, [what]: budget[what] - 1 } } : undefined;
}

export function eventsOf(state: State): readonly Event[] {
  return Object.keys(state.requests) as Event[];
}

export function withRequest(state: State, event: Event, request: Request): State {
  return { ...state, requests: { ...state.requests, [event]: request } };
}
