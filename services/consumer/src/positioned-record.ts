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
 * not published by it.
 */
export function toPositionedRecord(delivery: Delivery, read: Reader): PositionedRecord {
  const { body, receivedAt, position } = delivery;
  const source = sourceOf(delivery.header(sourceHeader));
  const record =
    source === undefined
      ? toUnparsedRecord(messageOf(delivery), `${sourceHeader} is not the name of a source`)
      : read({ body, receivedAt, source });
  return { ...record, position };
}

/** The source of a delivery, the default one where it names an impossible source. */
export function sourceOfDelivery(delivery: Delivery): string {
  return sourceOf(delivery.header(sourceHeader)) ?? defaultSource;
}

/**
 * A delivery as a message: with its source, and with its id for records that are made without reading its body. Another copy
 * of an event, stored because the first one is not verified as durable, has its id in a header of ours. A message of an
 * impossible source has no id, because its record must not stand for an event of the default source.
 */
export function messageOf(delivery: Delivery): StoredMessage {
  const source = sourceOf(delivery.header(sourceHeader));
  if (source === undefined) return { ...delivery, source: defaultSource, messageId: undefined };
  return { ...delivery, source, messageId: delivery.header("Nats-Msg-Id") ?? delivery.header(eventIdHeader) };
}
