export type { StoredBody, StoredMessage } from "./event-record.ts";
export type { EventBody } from "./listed-event.ts";
export type { Envelope } from "./read-envelope.ts";
export type { ObjectOrigin } from "./synthesize-event.ts";
export type { MoneyObject } from "./reconciled-events.ts";
export type { BalanceObject, ReadTime } from "./balance-reading.ts";
export { readingTypes } from "./balance-objects.ts";
export { balanceReading, statementOf } from "./balance-reading.ts";
export { boundedText, boundedType } from "./bounded-text.ts";
export { decodeEvent, ledgerTypes } from "./decode-event.ts";
export { endpointTypes } from "./endpoint-types.ts";
export { eventFacts } from "./event-facts.ts";
export {
  isUnparsed,
  isUnreadable,
  toEventRecord,
  toRefusedRecord,
  toUnparsedRecord,
} from "./event-record.ts";
export { keyedHeaders, requestFailure } from "./keyed-request.ts";
export { listedEvent } from "./listed-event.ts";
export { parseExactJson } from "./exact-json.ts";
export { isUnambiguousText, readEnvelope } from "./read-envelope.ts";
export { reconciledEvents } from "./reconciled-events.ts";
export { durable, eventIdHeader, sourceHeader, sourceOf, stream, subjectOf } from "./stream.ts";
