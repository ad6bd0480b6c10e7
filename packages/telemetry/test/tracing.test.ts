import { eventually, type TestService } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import {
  isBelow,
  isSql,
  kinds,
  ofMessage,
  processed,
  published,
  type ReceivedSpan,
  receiveSpans,
  type SpanReceiver,
} from "./span-receiver.ts";
import { lineAbout, sendPayment, createTestContext, type TestContext } from "./traced-services.ts";

const outside = "0af7651916cd43dd8448eb211c80319c";

describe("the trace of an event", function () {
  this.timeout(60_000);
  let surroundings: TestContext;
  let receiver: SpanReceiver;
  let ingress: TestService;
  let consumer: TestService;
  let eventId: string;
  let trace: readonly ReceivedSpan[];

  before(async () => {
    surroundings = await createTestContext();
    receiver = await receiveSpans();
    [ingress, consumer] = await Promise.all([
      surroundings.startIngress(receiver.env),
      surroundings.startConsumer(receiver.env),
    ]);
    eventId = await sendPayment(ingress, { traceparent: `00-${outside}-b7ad6b7169203331-01` });
    trace = await eventually("the whole trace", () => {
      const spans = receiver.spans();
      const process = ofMessage(spans, processed, eventId);
      const whole = spans.filter(({ traceId }) => traceId === process?.traceId);
      return whole.some(({ kind }) => kind === kinds.server) ? whole : undefined;
    });
  });
  after(async () => {
    await Promise.all([ingress, consumer].map((service) => service?.end("SIGKILL")));
    await receiver[Symbol.asyncDispose]();
    await surroundings[Symbol.asyncDispose]();
  });

  function only(which: (span: ReceivedSpan) => boolean): ReceivedSpan {
    const [span, ...others] = trace.filter(which);
    if (span === undefined) throw new Error(`not among ${trace.map(({ name }) => name).join(", ")}`);
    expect(others).to.deep.equal([]);
    return span;
  }

  it("starts with the HTTP request in ingress", () => {
    const server = only(({ kind }) => kind === kinds.server);
    expect(server.service).to.equal("ingress");
    expect(server.parentSpanId).to.equal("");
    expect(server.attributes["http.route"] ?? server.attributes["http.target"]).to.equal("/webhooks/stripe");
  });

  it("leads from the request to the publish", () => {
    const publish = only(({ name }) => name === published);
    expect(publish.kind).to.equal(kinds.producer);
    expect(
      isBelow(
        trace,
        publish,
        only(({ kind }) => kind === kinds.server),
      ),
    ).to.equal(true);
    expect(publish.attributes).to.include({
      "messaging.system": "nats",
      "messaging.destination.name": "STRIPE_EVENTS",
      "messaging.message.id": eventId,
    });
  });

  it("leads from the publish to the processing in the consumer", () => {
    const process = only(({ name }) => name === processed);
    expect(process.kind).to.equal(kinds.consumer);
    expect(process.service).to.equal("consumer");
    expect(process.parentSpanId).to.equal(only(({ name }) => name === published).spanId);
  });

  it("contains the SQL of an event that was processed alone", () => {
    const process = only(({ name }) => name === processed);
    const sql = trace.filter(isSql);
    expect(sql.length).to.be.greaterThan(0);
    for (const span of sql) {
      expect(isBelow(trace, span, process), span.name).to.equal(true);
      expect(span.service).to.equal("consumer");
    }
  });

  it("does not adopt the traceparent of a client", () => {
    expect(receiver.spans().filter(({ traceId }) => traceId === outside)).to.deep.equal([]);
  });

  it("shows that express is instrumented", () => {
    const scopes = new Set(receiver.spans().map(({ scope }) => scope));
    expect([...scopes]).to.include.members([
      "@opentelemetry/instrumentation-http",
      "@opentelemetry/instrumentation-express",
      "@opentelemetry/instrumentation-pg",
      "takings",
    ]);
  });

  it("has its id in the log lines of both services", async () => {
    const received = await lineAbout(ingress, "event_received", eventId);
    const saved = await lineAbout(consumer, "event_saved", eventId);
    const { traceId } = only(({ name }) => name === processed);
    expect([received["trace_id"], saved["trace_id"]]).to.deep.equal([traceId, traceId]);
    expect(trace.map(({ spanId }) => spanId)).to.include(received["span_id"]);
    expect(saved["span_id"]).to.equal(only(({ name }) => name === processed).spanId);
  });

  it("has its id in the exemplar of its duration", async () => {
    const scrape = async (): Promise<string> => {
      const accept = "application/openmetrics-text; version=1.0.0";
      return (await fetch(`${ingress.adminUrl}/metrics`, { headers: { accept } })).text();
    };
    expect(await scrape()).to.contain(`trace_id="${only(({ name }) => name === published).traceId}"`);
  });

  it("does not contain the payload or the signature", () => {
    const text = JSON.stringify(receiver.spans());
    expect(text).not.to.contain("amount_received");
    expect(text).not.to.contain("v1=");
  });
});
