import { eventually, type TestService } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { Client } from "pg";
import { type ReceivedSpan, receiveSpans, type SpanReceiver } from "./span-receiver.ts";
import { lineAbout, send, sendPayment, createTestContext, type TestContext } from "./traced-services.ts";

/** No sampling at all: what is exported all the same is always exported. */
const unsampled = { OTEL_TRACES_SAMPLER: "parentbased_always_off" };

describe("the failure of an event", function () {
  this.timeout(60_000);
  let surroundings: TestContext;
  let receiver: SpanReceiver;
  let ingress: TestService;

  before(async () => {
    surroundings = await createTestContext();
    receiver = await receiveSpans();
    ingress = await surroundings.startIngress({ ...receiver.env, ...unsampled });
  });
  after(async () => {
    await ingress?.end("SIGKILL");
    await receiver[Symbol.asyncDispose]();
    await surroundings[Symbol.asyncDispose]();
  });

  function problem(name: string, id: string): Promise<ReceivedSpan> {
    return eventually(`a span ${name} of ${id}`, () =>
      receiver.spans().find((span) => span.name === name && span.attributes["messaging.message.id"] === id),
    );
  }

  it("is traced when it is quarantined, although the event's trace is not sampled", async () => {
    await using consumer = await surroundings.startConsumer({ ...receiver.env, ...unsampled });
    const { id } = await send(ingress, { amount: -1 });
    const line = await lineAbout(consumer, "event_quarantined", id);
    const span = await problem("event_quarantined", id);
    expect(span.parentSpanId).to.equal("");
    expect(span.links.map(({ traceId }) => traceId)).to.deep.equal([line["trace_id"]]);
    expect(span.traceId).not.to.equal(line["trace_id"]);
  });

  it("is traced when it cannot be committed, and its log line has the event's trace id", async () => {
    await using consumer = await surroundings.startConsumer({ ...receiver.env, ...unsampled });
    const holder = new Client({ connectionString: surroundings.database.superuserUrl });
    await holder.connect();
    await holder.query("begin; lock table takings.events in access exclusive mode");
    const id = await sendPayment(ingress);
    const received = await lineAbout(ingress, "event_received", id);
    const line = await lineAbout(consumer, "processing_failed", id);
    await holder.end();
    const span = await problem("processing_failed", id);
    expect(line["trace_id"]).to.equal(received["trace_id"]);
    expect(span.links.map(({ traceId }) => traceId)).to.deep.equal([received["trace_id"]]);
  });

  it("is all that is traced when nothing is sampled", async () => {
    await using consumer = await surroundings.startConsumer({ ...receiver.env, ...unsampled });
    await lineAbout(consumer, "event_saved", await sendPayment(ingress));
    await consumer.end("SIGTERM");
    const names = new Set(receiver.spans().map(({ name }) => name));
    expect([...names].toSorted()).to.deep.equal(["event_quarantined", "processing_failed"]);
  });

  it("is traced when it cannot be stored", async () => {
    await surroundings.nats.kill();
    const { id, status } = await send(ingress, {});
    expect(status).to.equal(503);
    const line = await lineAbout(ingress, "event_not_stored", id);
    const span = await problem("event_not_stored", id);
    expect(span.service).to.equal("ingress");
    expect(span.links.map(({ traceId }) => traceId)).to.deep.equal([line["trace_id"]]);
  });
});
