import { createPaymentService, type EventRecord } from "@takings/domain";
import type { Delivery } from "@takings/nats";
import { createLogger, createMetrics } from "@takings/runtime";
import { toEventRecord } from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";
import { consume } from "../src/consume.ts";
import { createConsumerMetrics } from "../src/metrics.ts";
import { createRecorder } from "../src/record-batch.ts";

const payments = createPaymentService();
const whole = JSON.stringify({ id: "evt_1", type: "invoice.paid", created: 1_700_000_000, livemode: true });
const mixedUp = `${whole.slice(0, 20)}\nHMSG stripe.events.invoice.paid 1 20 90\r\n`;

describe("a delivery that cannot be read", () => {
  /** The result of consecutive deliveries of one message, each with its body. */
  async function consumed(bodies: readonly string[]): Promise<{
    readonly settled: readonly string[];
    readonly stored: readonly string[];
  }> {
    const settled: string[] = [];
    const stored: EventRecord[] = [];
    const batches = bodies.map((body, index): Delivery[] => [
      {
        body: new TextEncoder().encode(body),
        subject: "stripe.events.invoice.paid",
        receivedAt: new Date(0),
        position: { stream: "s", sequence: 1 },
        deliveryCount: index + 1,
        header: (name) => (name === "Nats-Msg-Id" ? "evt_1" : undefined),
      },
    ]);
    await consume({
      deliveries: {
        nextBatch: async () => batches.shift(),
        acknowledge: async (group) => void settled.push(...group.map(() => "acknowledged")),
        nak: async (group, delayMs = 0) => void settled.push(...group.map(() => `nak'd for ${delayMs} ms`)),
        extendAckWait: async () => {},
        extensionIntervalMs: () => 10_000,
        failure: () => undefined,
        stop: async () => {},
      },
      read: (stored) => toEventRecord(stored, payments),
      learn: async () => {},
      record: createRecorder({
        writer: {
          record: async (batch) => {
            stored.push(...batch);
            return new Map(batch.map((event) => [event.eventId, event]));
          },
        },
        probe: async () => {},
      }),
      isolationLog: { unfinished: async () => [0], begin: async () => {}, end: async () => {} },
      metrics: createConsumerMetrics(createMetrics()),
      log: createLogger({ service: "test", level: "silent" }),
      stopping: new AbortController().signal,
    });
    return { settled, stored: stored.map(({ eventId, status }) => `${eventId} ${status}`) };
  }

  it("is redelivered, because the stream may hold it intact", async () => {
    expect(await consumed([mixedUp, whole])).to.deep.equal({
      settled: ["nak'd for 1000 ms", "acknowledged"],
      stored: ["evt_1 processed"],
    });
  });

  it("is quarantined when it arrives unreadable for the third time", async () => {
    const { settled, stored } = await consumed([mixedUp, mixedUp, mixedUp]);
    expect(settled).to.deep.equal(["nak'd for 1000 ms", "nak'd for 1000 ms", "acknowledged"]);
    expect(stored).to.have.length(1);
    expect(stored[0]).to.match(/^unreadable_\w+ quarantined$/);
  });
});
