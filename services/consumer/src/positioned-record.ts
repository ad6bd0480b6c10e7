import type { PositionedRecord, EventRecord } from "@takings/domain";
import type { Delivery } from "@takings/nats";
import { eventIdHeader, type StoredMessage } from "@takings/wire";

/** Turns a delivery into its record. It must not throw; poison isolation handles one that crashes the process. */
export type Reader = (delivery: Delivery) => EventRecord;

/** The record of a delivery, with its position on the stream. */
export function toPositionedRecord(delivery: Delivery, read: Reader): PositionedRecord {
  return { ...read(delivery), position: delivery.position };
}

/**
 * A delivery as a message, for records that are made without reading its body. Another copy of an event, stored because the
 * first one is not verified as durable, has its id in a header of ours.
 */
export function messageOf(delivery: Delivery): StoredMessage {
  const messageId = delivery.header("Nats-Msg-Id") ?? delivery.header(eventIdHeader);
  return { ...delivery, messageId };
}
