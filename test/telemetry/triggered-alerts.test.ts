import { setTimeout as delay } from "node:timers/promises";
import { withClient } from "@takings/local";
import { openLink } from "@takings/nats";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { firing, queryRange, untilFiring } from "./src/query-backends.ts";
import { type Backends, startBackends } from "./src/backends.ts";
import { type Product, startProduct } from "./src/product.ts";

describe("alerts in a real Prometheus, with rules accelerated 60 times", function () {
  this.timeout(120_000);
  let product: Product;
  let backends: Backends;

  before(async () => {
    product = await startProduct();
    backends = await startBackends(product.targets);
    await product.start(backends.env);
    await many(1);
    await eventually(
      "its commit",
      async () =>
        (
          await queryRange(
            backends.prometheusUrl,
            "takings_consumer_pending == 0 and takings_backlog_read_timestamp_seconds > 0",
          )
        ).length > 0,
      60_000,
    );
  });
  after(async () => {
    await backends?.[Symbol.asyncDispose]();
    await product?.[Symbol.asyncDispose]();
  });

  const until = (alert: string, meanwhile?: () => Promise<unknown>): Promise<void> =>
    untilFiring(backends.prometheusUrl, alert, meanwhile);
  const many = (count: number, payment: Parameters<Product["send"]>[0] = {}): Promise<unknown> =>
    Promise.all(Array.from({ length: count }, () => product.send(payment)));

  it("are silent while events are received and committed", async () => {
    // With accelerated rules an alert may fire in the first seconds, before a process has read its state.
    await eventually(
      "no alert after the start",
      async () => (await firing(backends.prometheusUrl)).length === 0,
    );
    for (let second = 0; second < 15; second += 1) {
      await Promise.all([many(3), delay(1_000)]);
      expect(await firing(backends.prometheusUrl)).to.deep.equal([]);
    }
  });

  it("fire when signatures are rejected and when none is valid", async () => {
    const sendRejected = (): Promise<unknown> => many(30, { secret: "whsec_of_nobody" });
    await until("TakingsSignatureFailures", sendRejected);
    await until("TakingsNoValidSignature", sendRejected);
  });

  it("fire when the clock is wrong", async () => {
    await until("TakingsClockSkew", () => many(5, { signedSecondsAgo: 50 }));
  });

  it("fire when an event is quarantined", async () => {
    await many(1, { amount: -1 });
    await until("TakingsQuarantineNotEmpty");
  });

  it("fire when the consumer cannot commit because the table is locked", async () => {
    await withClient(product.database.migratorUrl, async (client) => {
      await client.query("begin; lock table takings.events in access exclusive mode");
      await until("TakingsConsumerStalled", () => many(1));
      await client.query("rollback");
    });
  });

  it("fire when a service is down", async () => {
    await product.service("consumer").end("SIGKILL");
    await until("TakingsMetricsAbsent");
    await product.start(backends.env);
  });

  it("fire when the stream may lose confirmed messages", async () => {
    await changeStream(product.nats.urls.admin, { discard: "old" });
    await product.nats.restart();
    await until("TakingsDurabilityBroken");
  });

  it("fire when webhooks are not accepted and the error budget burns", async () => {
    await until("TakingsAcceptanceBudgetBurn", () => many(3));
  });
});

/** Changes the configuration of the stream, as an administrator could. */
async function changeStream(url: string, change: Readonly<Record<string, string>>): Promise<void> {
  const link = await openLink({ url, name: "test" });
  const { nats } = await link.connected(5_000);
  const info = (await nats.request("$JS.API.STREAM.INFO.STRIPE_EVENTS")).json<{ config: object }>();
  const wanted = JSON.stringify({ ...info.config, ...change });
  const response = (await nats.request("$JS.API.STREAM.UPDATE.STRIPE_EVENTS", wanted)).json<{
    error?: unknown;
  }>();
  await link.close();
  if (response.error !== undefined)
    throw new Error(`The stream was not updated: ${JSON.stringify(response)}`);
}
