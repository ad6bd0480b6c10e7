import { defaultSource, type EventRecord, type PositionedRecord } from "@takings/domain";
import type { Delivery } from "@takings/nats";
import {
  eventIdHeader,
  sourceHeader,
  sourceOf,
  type StoredBody,
  type StoredMessage,
  toUnparsedRecord,
} from "@takings/wire";

/** Turns a body into its record. It must not throw; poison isolation handles one that crashes the process. */
export type Reader = (stored: StoredBody) => EventRecord;

/**
 * The record of a delivery, with its position on the stream. Ingress names no impossible source, so a message that does was
 * not published by it. Its record has an id made from its bytes, because it must not stand for an event of another source.
 */
export function toPositionedRecord(delivery: Delivery, read: Reader): PositionedRecord {
  const message = messageOf(delivery);
  const record = hasSource(delivery)
    ? read(message)
    : toUnparsedRecord({ ...message, messageId: undefined }, `${sourceHeader} is not the name of a source`);
  return { ...record, position: delivery.position };
}

/**
 * A delivery as a message: with its source, and with its id for records that are made without reading its body. Another copy
 * of an event, stored because the first one is not verified as durable, has its id in a header of ours.
 */
export function messageOf(delivery: Delivery): StoredMessage {
  const messageId = delivery.header("Nats-Msg-Id") ?? delivery.header(eventIdHeader);
  return { ...delivery, source: sourceOfDelivery(delivery), messageId };
}

/** The source of a delivery; the default one where its header names none. */
export function sourceOfDelivery(delivery: Delivery): string {
  return sourceOf(delivery.header(sourceHeader)) ?? defaultSource;
}

function hasSource(delivery: Delivery): boolean {
  return sourceOf(delivery.header(sourceHeader)) !== undefined;
}
