import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { event, eventId, eventOfBytes, post, signed } from "./post-webhook.ts";
import { isReady, startIngress } from "./ingress-process.ts";
import { createTestContext } from "./test-context.ts";

describe("the log of ingress", () => {
  it("never contains a secret, a signature or a payload, whatever happens", async () => {
    await using context = await createTestContext();
    const secret = "whsec_never_to_be_seen";
    const marker = "a_customer_of_ours";
    const env = { STRIPE_WEBHOOK_SECRETS: secret, LOG_LEVEL: "trace" };
    await using ingress = await startIngress(context.nats, env);
    await eventually("readiness", () => isReady(ingress));
    const used: string[] = [];
    const send = async (body: string, signature: string): Promise<number> => {
      used.push(...signature.split(",").map((item) => item.slice(item.indexOf("=") + 1)));
      return (await post(ingress.url, body, { signature })).status;
    };
    const body = event({ customer: marker });
    expect(await send(body, signed(body, { secret }))).to.equal(200);
    expect(await send(body, signed(body, { secret: "other" }))).to.equal(400);
    expect(await send(body, signed(body, { secret, at: 1_000 }))).to.equal(400);
    expect(await send(`not json ${marker}`, signed("x", { secret }))).to.equal(400);
    expect(await send(eventOfBytes(600_000), signed("x", { secret }))).to.equal(413);
    await context.nats.kill();
    const late = event({ customer: marker });
    expect(await send(late, signed(late, { secret }))).to.equal(503);
    await eventually("the last line", () => ingress.output().includes("event_not_stored"));
    const text = ingress.output();
    for (const word of [secret, marker, ...used.filter((item) => item.length > 20)]) {
      expect(text).not.to.contain(word);
    }
  });

  it("has one JSON line per event with its id and type", async () => {
    await using context = await createTestContext();
    await using ingress = await startIngress(context.nats);
    await eventually("readiness", () => isReady(ingress));
    const id = eventId();
    const body = event({ id });
    await post(ingress.url, body);
    await post(ingress.url, body);
    await eventually(
      "both lines",
      () => ingress.lines().filter(({ event_id }) => event_id === id).length > 1,
    );
    const lines = ingress.lines().filter(({ event_id }) => event_id === id);
    expect(lines.map(({ msg }) => msg)).to.deep.equal(["event_received", "duplicate_event"]);
    expect(lines.map(({ duplicate }) => duplicate)).to.deep.equal([false, true]);
    expect(lines.map(({ event_type }) => event_type)).to.deep.equal([
      "payment_intent.succeeded",
      "payment_intent.succeeded",
    ]);
  });

  it("contains only the beginning of a type that is longer than any of Stripe's", async () => {
    await using context = await createTestContext();
    await using ingress = await startIngress(context.nats);
    await eventually("readiness", () => isReady(ingress));
    expect((await post(ingress.url, event({ type: "x".repeat(250_000) }))).status).to.equal(200);
    await context.nats.kill();
    expect((await post(ingress.url, event({ type: "x".repeat(250_000) }))).status).to.equal(503);
    const types = await eventually("both lines", () => {
      const found = ingress.lines().flatMap(({ event_type }) => event_type ?? []);
      return found.length === 2 ? found : undefined;
    });
    const bounded = `${"x".repeat(99)}…`;
    expect(types).to.deep.equal([bounded, bounded]);
    expect(
      Math.max(
        ...ingress
          .output()
          .split("\n")
          .map((line) => line.length),
      ),
    ).to.be.below(2_000);
  });
});
