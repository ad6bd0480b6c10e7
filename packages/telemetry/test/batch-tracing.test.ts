import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { isBelow, isSql, ofMessage, processed, published, receiveSpans } from "./span-receiver.ts";
import { lineAbout, sendPayment, createTestContext } from "./traced-services.ts";

describe("the traces of a batch", function () {
  this.timeout(60_000);

  it("are one for each event, linked to one of the batch, which contains the SQL", async () => {
    await using surroundings = await createTestContext();
    await using receiver = await receiveSpans();
    await using ingress = await surroundings.startIngress(receiver.env);
    const ids = await Promise.all(Array.from({ length: 40 }, () => sendPayment(ingress)));
    await using consumer = await surroundings.startConsumer(receiver.env);
    await Promise.all(ids.map((id) => lineAbout(consumer, "event_saved", id)));
    const spans = await eventually("every span", () => {
      const seen = receiver.spans();
      const isWhole = ids.every((id) => ofMessage(seen, processed, id) && ofMessage(seen, published, id));
      return isWhole && seen.some(({ name }) => name === `${processed} batch`) ? seen : undefined;
    });

    const batches = spans.filter(({ name }) => name === `${processed} batch`);
    const linked = ids.flatMap((id) => {
      const process = ofMessage(spans, processed, id);
      const publish = ofMessage(spans, published, id);
      expect(process?.traceId, "in its own event's trace").to.equal(publish?.traceId);
      expect(process?.parentSpanId).to.equal(publish?.spanId);
      return process?.links ?? [];
    });
    expect(new Set(ids.map((id) => ofMessage(spans, processed, id)?.traceId)).size).to.equal(ids.length);
    expect(linked.length).to.be.greaterThan(1);
    for (const link of linked) {
      expect(
        batches.some(({ spanId, traceId }) => spanId === link.spanId && traceId === link.traceId),
      ).to.equal(true);
    }
    for (const batch of batches) {
      expect(batch.parentSpanId).to.equal("");
      const count = linked.filter(({ spanId }) => spanId === batch.spanId).length;
      expect(Number(batch.attributes["messaging.batch.message_count"])).to.equal(count);
      const sql = spans.filter((span) => isSql(span) && isBelow(spans, span, batch));
      expect(sql.length).to.be.greaterThan(0);
      expect(new Set(sql.map(({ traceId }) => traceId))).to.deep.equal(new Set([batch.traceId]));
    }
  });

  it("are complete when the services are stopped right after the work", async () => {
    await using surroundings = await createTestContext();
    await using receiver = await receiveSpans();
    const lazy = { ...receiver.env, OTEL_BSP_SCHEDULE_DELAY: "60000" };
    await using ingress = await surroundings.startIngress(lazy);
    const id = await sendPayment(ingress);
    expect(await ingress.end("SIGTERM")).to.equal(0);
    expect(ofMessage(receiver.spans(), published, id)).not.to.equal(undefined);
  });
});
