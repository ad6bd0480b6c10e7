import type { Arrival, EventRecord } from "@takings/domain";
import type { Delivery } from "@takings/nats";

/** What is to be kept of a delivered body. It must not throw; that it could end the process is reckoned with. */
export type Reader = (delivery: Delivery) => EventRecord;

/** Reads a delivery, and keeps beside it where on the stream it lies. */
export function arrivalOf(delivery: Delivery, read: Reader): Arrival {
  return { ...read(delivery), position: delivery.position };
}
