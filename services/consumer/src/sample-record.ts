import { randomUUID } from "node:crypto";
import { defaultSource, type EventRecord, type PaymentService } from "@takings/domain";
import { toEventRecord } from "@takings/wire";

/** The record of an invented payment event, for a dry run that tests whether events can be stored now. */
export function sampleRecord(payments: PaymentService): EventRecord {
  const receivedAt = new Date();
  const name = randomUUID().replaceAll("-", "_");
  const event = {
    id: `evt_sample_${name}`,
    object: "event",
    type: "payment_intent.succeeded",
    created: Math.floor(receivedAt.getTime() / 1_000),
    livemode: false,
    data: {
      object: {
        id: `pi_sample_${name}`,
        object: "payment_intent",
        amount: 1,
        amount_received: 1,
        currency: "usd",
        status: "succeeded",
      },
    },
  };
  return toEventRecord(
    { source: defaultSource, body: Buffer.from(JSON.stringify(event)), receivedAt },
    payments,
  );
}
