import { gzipSync } from "node:zlib";
import type { EventPublisher } from "@takings/nats";
import { TakingsError } from "@takings/domain";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { createAdmission } from "../src/admission.ts";
import { event, eventOfBytes, signed } from "./post-webhook.ts";
import { connectRaw, requestHead } from "./raw-client.ts";
import { type Overrides, startReadyServer, type TestServer } from "./test-server.ts";
import { createTestContext, type TestContext } from "./test-context.ts";

/** An outcome of a request: its name, how to cause it, and in which service. */
type OutcomeCase = readonly [string, (ingress: TestServer) => Promise<unknown>, Overrides?];

const failing = (error: Error): EventPublisher => ({
  async publish() {
    throw error;
  },
});
const published = (duplicate: boolean): EventPublisher => ({ publish: async () => ({ duplicate }) });

const outcomeCases: readonly OutcomeCase[] = [
  ["stored", (ingress) => ingress.post(event())],
  ["duplicate", (ingress) => ingress.post(event()), { publisher: published(true) }],
  ["bad_signature", (ingress) => ingress.post(event(), { signature: null })],
  ["bad_timestamp", (ingress) => ingress.post("{}", { signature: null }).then(() => old(ingress))],
  ["not_an_event", (ingress) => ingress.post("{}")],
  ["too_large", (ingress) => ingress.post(eventOfBytes(600_000))],
  ["compressed", (ingress) => ingress.post(gzipSync("x"), { headers: { "content-encoding": "gzip" } })],
  [
    "overloaded",
    (ingress) => ingress.post(event()),
    { admission: createAdmission({ requests: 0, bytes: 9 }) },
  ],
  [
    "unavailable",
    (ingress) => ingress.post(event()),
    { publisher: failing(new TakingsError("unavailable", "")) },
  ],
  ["failed", (ingress) => ingress.post(event()), { publisher: failing(new Error("a defect")) }],
  ["bad_request", (ingress) => abortRequest(ingress)],
];

async function old(ingress: TestServer): Promise<unknown> {
  const body = event();
  return ingress.post(body, { signature: signed(body, { at: 1_000 }) });
}

async function abortRequest(ingress: TestServer): Promise<void> {
  await using client = await connectRaw(ingress.port, requestHead({ "content-length": "100" }), "half");
  await eventually("the half to be on its way", () => client.socket.bytesWritten > 50);
}

describe("the metrics of ingress", () => {
  let context: TestContext;
  before(async () => {
    context = await createTestContext();
  });
  after(() => context.close());

  for (const [outcome, bringAbout, different] of outcomeCases) {
    it(`count a request that ends as ${outcome}, once`, async () => {
      await using ingress = await startReadyServer(context.nats, different);
      await bringAbout(ingress);
      const count = await eventually("the count", async () => (await ingress.outcomes())[outcome]);
      expect(count).to.equal(1);
    });
  }

  it("have a series for every outcome from the start, so that the first one is an increase", async () => {
    await using ingress = await startReadyServer(context.nats);
    for (const [outcome] of outcomeCases) {
      expect(
        await ingress.metric(`takings_webhook_requests_total{outcome="${outcome}",source="default"}`),
      ).to.equal(0);
    }
  });

  it("have the duration of each request", async () => {
    await using ingress = await startReadyServer(context.nats);
    await ingress.post(event());
    await ingress.post(event(), { signature: null });
    await eventually(
      "both",
      async () => (await ingress.metric("takings_webhook_duration_seconds_count")) === 2,
    );
    expect(await ingress.metric("takings_webhook_duration_seconds_sum")).to.be.within(0.000_1, 10);
  });

  it("have the clock skew of genuine signatures, those that are refused as too old included", async () => {
    await using ingress = await startReadyServer(context.nats);
    const at = Math.floor(Date.now() / 1_000) - 40;
    const body = event();
    await ingress.post(body, { signature: signed(body, { at }) });
    await old(ingress);
    const count = (bound: string): Promise<number | undefined> =>
      ingress.metric(`takings_signature_skew_seconds_bucket{le="${bound}",source="default"}`);
    expect([await count("30"), await count("60"), await count("300"), await count("+Inf")]).to.deep.equal([
      0, 1, 1, 2,
    ]);
  });

  it("do not count other requests than webhooks", async () => {
    await using ingress = await startReadyServer(context.nats);
    await (await fetch(`${ingress.url}/webhooks/stripe`)).text();
    await (await fetch(`${ingress.url}/`)).text();
    expect(await ingress.outcomes()).to.deep.equal({});
  });
});
