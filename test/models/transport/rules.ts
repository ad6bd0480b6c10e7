/** The variants of the code and the runbooks that the model compares. Quoted faults: docs/decisions/0038. */
export type Rules = {
  /**
   * Whether ingress answers 200 to a `duplicate` of the broker: always, or only where this ingress had that id confirmed
   * on this connection, or where, besides, the stream still has that message. Else it stores the event again, without
   * deduplication.
   */
  readonly duplicates:
    | "believed"
    | "believed if confirmed here"
    | "believed if confirmed here and still held";
  /** What the consumer compares with the broker after COMMIT before it acknowledges. */
  readonly beforeAck: "nothing" | "identity and stored time";
  /** Whether that look and the acknowledgement are one step. They are two requests, and time passes between them. */
  readonly checkAndAck: "one step" | "two steps";
  /** What progress is noted under. A stream restored from a snapshot is as old as it was; a durable made anew is not. */
  readonly committedSequencesOf: "stream" | "stream and durable";
  /**
   * By what the purge knows what lies before the first sequence of a durable that a replay made to begin there: by
   * the progress of that durable alone, or also by that of the stream's earlier durables.
   */
  readonly beforeTheStart: "this durable" | "any durable";
  /** Where a replay begins: where it was asked to, or lower, at the first event that is open by these. */
  readonly replayFrom: "asked" | "unacknowledged" | "unacknowledged or uncommitted";
  /** What the runbook replays after a database was restored: from a moment before the backup on, or everything. */
  readonly replayAfterBackup: "since the backup" | "all";
  /** Where a replay begins that finds no durable, because one before it was interrupted. */
  readonly replayWithoutDurable: "asked" | "first";
  /** Whether the purge job is stopped before a stream or a database is restored, until the replay is done. */
  readonly purgeDuringRestore: "runs" | "stopped";
  /** Whether the purge keeps what is younger than the broker's memory of ids (STREAM_KEEP and the duplicate window). */
  readonly keeps: "anything" | "what has a known id";
  /** What guards the purge. */
  readonly purgeBelow: "floor and progress" | "floor" | "progress";
  /** What makes an event count once. */
  readonly counts: "by key" | "by delivery";
  /** Whether the server moves a durable back that is ahead of its stream (nats-server does with one replica). */
  readonly durableAheadOfStream: "moved back" | "stays";
};

/** The rules before the faults T2 to T5 were mended. */
export const formerRules: Rules = {
  duplicates: "believed",
  beforeAck: "nothing",
  checkAndAck: "one step",
  committedSequencesOf: "stream",
  beforeTheStart: "this durable",
  replayFrom: "asked",
  replayAfterBackup: "since the backup",
  replayWithoutDurable: "asked",
  purgeDuringRestore: "runs",
  keeps: "what has a known id",
  purgeBelow: "floor and progress",
  counts: "by key",
  durableAheadOfStream: "moved back",
};

/** The rules of the code. */
export const rules: Rules = {
  ...formerRules,
  duplicates: "believed if confirmed here and still held",
  beforeAck: "identity and stored time",
  committedSequencesOf: "stream and durable",
  beforeTheStart: "any durable",
  replayFrom: "unacknowledged",
  replayAfterBackup: "all",
  replayWithoutDurable: "first",
  purgeDuringRestore: "stopped",
};
