import { createHash } from "node:crypto";

/** The stream, and how an event lies on it. Operators' resources, the CLI and the services all take it from here. */
export const stream = {
  name: "STRIPE_EVENTS",
  subjectPrefix: "stripe.events",
  /** Every event, whatever its type. */
  subjects: "stripe.events.>",
  /** How long the broker itself recognises a repeated event id. A comfort only: the database is the guard. */
  duplicateWindowMs: 120_000,
  /** Room above the largest accepted body for headers; refuses the absurd before it is stored. */
  maxMessageBytes: 786_432,
} as const;

/** Names the event of a message without `Nats-Msg-Id`: a further copy, which the server may not take for a duplicate. */
export const eventIdHeader = "Takings-Event-Id";

/** The one durable consumer that turns the stream into the ledger. */
export const durable = {
  name: "revenue",
  /**
   * How late the events are that a vanished process held, so half of the 60 s within which they should be in the
   * ledger. A process at work says so well before it has passed: a slow batch is no reason to make it longer.
   */
  ackWaitMs: 30_000,
  /** Shared by all consumer processes: bounds what is in flight and what a crash makes repeat. */
  maxAckPending: 6_000,
} as const;

/** NATS reads a line of at most 4,096 bytes for a message's subject and sizes; a longer one ends the connection. */
const maxTypeBytes = 1_024;

/** What NATS stores but takes for damage when it starts again, and then reads its whole store anew: NUL and U+FFFD. */
const unstorableCharacters = /[\0\uFFFD]/;

/** The event type that a subject names: the type itself, or where {@link subjectOf} could not keep it, its hash. */
export function typeOf(subject: string): string {
  return subject.startsWith(`${stream.subjectPrefix}.`)
    ? subject.slice(stream.subjectPrefix.length + 1)
    : subject;
}

/**
 * The subject of an event type. A type that is too long for the protocol, or that NATS could not keep as a
 * subject, is named by its hash, so that it is stored too.
 */
export function subjectOf(eventType: string): string {
  const fits = Buffer.byteLength(eventType) <= maxTypeBytes;
  // Written as UTF-8, half of a surrogate pair becomes U+FFFD.
  const name =
    fits && !unstorableCharacters.test(eventType.toWellFormed())
      ? eventType
      : `sha256.${createHash("sha256").update(eventType).digest("hex")}`;
  return `${stream.subjectPrefix}.${name}`;
}
