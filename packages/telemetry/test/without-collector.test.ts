import { expect } from "chai";
import { describe, it } from "mocha";
import { lineAbout, sendPayment, createTestContext } from "./traced-services.ts";

describe("tracing without a collector", function () {
  this.timeout(60_000);

  it("has trace and span ids in every log line of an event, the same trace in both services", async () => {
    await using surroundings = await createTestContext();
    await using ingress = await surroundings.startIngress({});
    await using consumer = await surroundings.startConsumer({});
    const id = await sendPayment(ingress);
    const received = await lineAbout(ingress, "event_received", id);
    const saved = await lineAbout(consumer, "event_saved", id);
    expect(received["trace_id"]).to.match(/^[0-9a-f]{32}$/);
    expect(received["span_id"]).to.match(/^[0-9a-f]{16}$/);
    expect(saved["trace_id"]).to.equal(received["trace_id"]);
    expect(saved["span_id"]).to.match(/^[0-9a-f]{16}$/);
  });

  it("does not affect storing, committing and stopping when the collector is away", async () => {
    await using surroundings = await createTestContext();
    const unreachableCollector = {
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
      OTEL_BSP_SCHEDULE_DELAY: "50",
    };
    await using ingress = await surroundings.startIngress(unreachableCollector);
    await using consumer = await surroundings.startConsumer(unreachableCollector);
    await lineAbout(consumer, "event_saved", await sendPayment(ingress));
    const started = performance.now();
    const codes = await Promise.all([ingress.end("SIGTERM"), consumer.end("SIGTERM")]);
    expect(codes).to.deep.equal([0, 0]);
    expect(performance.now() - started).to.be.below(8_000);
  });

  it("can be switched off", async () => {
    await using surroundings = await createTestContext();
    await using ingress = await surroundings.startIngress({ OTEL_SDK_DISABLED: "true" });
    const line = await lineAbout(ingress, "event_received", await sendPayment(ingress));
    expect(line).not.to.have.any.keys("trace_id", "span_id");
  });
});
