export type { StoredBody, StoredMessage } from "./event-record.ts";
export type { EventBody } from "./listed-event.ts";
export type { Envelope } from "./read-envelope.ts";
export type { ObjectOrigin } from "./synthesize-event.ts";
export type { MoneyObject } from "./reconciled-events.ts";
export { boundedText, boundedType } from "./bounded-text.ts";
export { decodeEvent, ledgerTypes } from "./decode-event.ts";
export { eventFacts } from "./event-facts.ts";
export {
  isUnparsed,
  isUnreadable,
  toEventRecord,
  toRefusedRecord,
  toUnparsedRecord,
} from "./event-record.ts";
export { listedEvent } from "./listed-event.ts";
export { isUnambiguousText, readEnvelope } from "./read-envelope.ts";
export { reconciledEvents } from "./reconciled-events.ts";
export { durable, eventIdHeader, stream, subjectOf } from "./stream.ts";
