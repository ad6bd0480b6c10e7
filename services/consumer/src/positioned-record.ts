import type { PositionedRecord, EventRecord } from "@takings/domain";
import type { Delivery } from "@takings/nats";
import { eventIdHeader, type StoredMessage } from "@takings/wire";

/** What is to be kept of a delivered body. It must not throw; that it could end the process is reckoned with. */
export type Reader = (delivery: Delivery) => EventRecord;

/** Reads a delivery, and keeps beside it where on the stream it lies. */
export function toPositionedRecord(delivery: Delivery, read: Reader): PositionedRecord {
  return { ...read(delivery), position: delivery.position };
}

/**
 * A delivery as a message, for records that are made without a look into its body. A further copy of an event, stored
 * because nothing proved that the first one is on disk, has its id in a header of ours.
 */
export function messageOf(delivery: Delivery): StoredMessage {
  const messageId = delivery.header("Nats-Msg-Id") ?? delivery.header(eventIdHeader);
  return { ...delivery, messageId };
}
