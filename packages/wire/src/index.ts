export type { StoredBody, StoredMessage } from "./event-record.ts";
export type { Envelope } from "./read-envelope.ts";
export { decodeEvent } from "./decode-event.ts";
export { isUnparsed, toEventRecord, toUnparsedRecord } from "./event-record.ts";
export { readEnvelope } from "./read-envelope.ts";
export { durable, stream, subjectOf } from "./stream.ts";
