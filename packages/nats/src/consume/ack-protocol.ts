/** What is sent to the subject of a delivery: https://docs.nats.io/reference/reference-protocols/nats_api_reference */
export type AckPayload = string;

/** It is settled: never deliver it again. */
export const ack: AckPayload = "+ACK";

/** It is still being worked on: restarts ack-wait. */
export const working: AckPayload = "+WPI";

/** Deliver it again, at once or after a delay. */
export function nak(delayMs?: number): AckPayload {
  return delayMs === undefined ? "-NAK" : `-NAK ${JSON.stringify({ delay: delayMs * 1e6 })}`;
}

/** What the server says of a delivery in the subject for its acknowledgement. */
export type AckSubject = {
  readonly sequence: number;
  /** 1 on the first delivery. */
  readonly deliveryCount: number;
  /** When the stream stored it, rounded to a double. */
  readonly storedNanos: number;
};

/** `$JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.<consumer sequence>.<nanoseconds>.<pending>` */
const shortLength = 9;
/** ADR-15: servers may put a domain and an account before the stream, and a token at the end. */
const added = 2;

/** @throws Error when it is not a subject of that kind. */
export function readAckSubject(subject: string): AckSubject {
  const tokens = subject.split(".");
  const at = 4 + (tokens.length === shortLength ? 0 : added);
  const number = (index: number): number => Number(tokens[at + index] || Number.NaN);
  const [deliveryCount, sequence, storedNanos] = [number(0), number(1), number(3)];
  if (!subject.startsWith("$JS.ACK.") || Number.isNaN(deliveryCount + sequence + storedNanos))
    throw new Error(`${subject} is not the subject of an acknowledgement`);
  return { sequence, deliveryCount, storedNanos };
}
