import { createHash } from "node:crypto";
import { defaultSource, isSourceName } from "@takings/domain";

/** The stream and its subjects; the source for operators' resources, the CLI and the services. */
export const stream = {
  name: "STRIPE_EVENTS",
  subjectPrefix: "stripe.events",
  /** Every event, whatever its type. */
  subjects: "stripe.events.>",
  /** How long the server recognises a repeated event id. This only saves work: the database prevents duplicates. */
  duplicateWindowMs: 120_000,
  /** The largest accepted body with room for headers. */
  maxMessageBytes: 786_432,
} as const;

/** The header with the message id of another copy, which has no `Nats-Msg-Id`: the server would report a duplicate. */
export const eventIdHeader = "Takings-Event-Id";

/** The header that names the source of a message; a message of the default source has none. */
export const sourceHeader = "Takings-Source";

/** The source of a message with this value of {@link sourceHeader}; `undefined` where it is no name of a source. */
export function sourceOf(headerValue: string | undefined): string | undefined {
  if (headerValue === undefined) return defaultSource;
  return isSourceName(headerValue) ? headerValue : undefined;
}

/** The one durable consumer that turns the stream into the ledger. */
export const durable = {
  name: "revenue",
  /**
   * How late the events of a crashed process are redelivered, so half of the 60 s within which they should be in the
   * ledger. A process at work extends it well before it has passed, so slow batches do not need a longer one.
   */
  ackWaitMs: 30_000,
  /** Shared by all consumer processes: bounds what is in flight, and what is repeated after a crash. */
  maxAckPending: 6_000,
} as const;

/** NATS reads a line of at most 4,096 bytes for a message's subject and sizes; a longer one ends the connection. */
const maxTypeBytes = 1_024;

/** NUL and U+FFFD: NATS stores them, but treats them as damage at its next start and then reads its whole store. */
const unstorableCharacters = /[\0\uFFFD]/;

/** The event type that a subject names: the type itself, or its hash where {@link subjectOf} replaced it. */
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
