import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  type DeliveryAttempt,
  type FakeEndpointApi,
  fakeEndpointApi,
  fakeEndpointKey,
  type SentEvent,
} from "@takings/simulator";
import { eventually, listed, startService, testDatabase, testNats, testVariable } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { Client } from "pg";
import { createOperator, type Operator } from "./src/runbook.ts";

/** Webhooks a second during the rotation. A heavier run by hand: ROTATION_RATE=200 */
const rate = Number(process.env["ROTATION_RATE"] ?? 50);

/** A payment of so many seconds ago, as Stripe sends it. */
function payment(id: string, secondsAgo: number): SentEvent {
  const event = listed.succeeded(id, secondsAgo);
  return { ...event, type: "payment_intent.succeeded", livemode: false };
}

function acceptances({ attempts }: FakeEndpointApi): readonly DeliveryAttempt[] {
  return attempts.filter(({ status }) => status === 200);
}

/** The attempts that were refused. An ingress that cannot store an event in time responds 503 whatever the secret. */
function refusals({ attempts }: FakeEndpointApi): readonly DeliveryAttempt[] {
  return attempts.filter(({ status }) => status !== 200 && status !== 503);
}

describe("An endpoint that takings endpoint looks after", function () {
  this.timeout(120_000);
  const started = new AsyncDisposableStack();
  let stripe: FakeEndpointApi;
  let operator: Operator;
  let database: Client;

  before(async () => {
    const nats = started.use(await testNats());
    const store = started.use(await testDatabase());
    let ingressUrl = "";
    const route = (url: string): string => ingressUrl + new URL(url).pathname;
    stripe = started.use(await fakeEndpointApi({ delivery: { route } }));
    const secretFile = join(mkdtempSync(join(testVariable("TEST_DIR"), "endpoint-")), "secrets");
    operator = createOperator(
      {
        nats: nats.urls,
        database: {
          migrator: store.migratorUrl,
          reader: store.readerUrl,
          purger: store.purgerUrl,
          reconciler: store.reconcilerUrl,
        },
      },
      {
        STREAM_MAX_BYTES: "50000000",
        STRIPE_API_URL: stripe.url,
        STRIPE_API_KEY: fakeEndpointKey,
        STRIPE_ENDPOINT_URL: "https://takings.example/webhooks/stripe",
        STRIPE_ENDPOINT_SECRET_FILE: secretFile,
      },
    );
    await takings("stream");
    await takings("endpoint apply");
    const ingress = started.use(
      await startService("ingress", {
        NATS_URL: nats.urls.ingress,
        NATS_MONITOR_URL: nats.monitorUrl,
        STRIPE_WEBHOOK_SECRETS_FILE: secretFile,
      }),
    );
    started.use(
      await startService("consumer", { NATS_URL: nats.urls.consumer, DATABASE_URL: store.writerUrl }),
    );
    database = new Client({ connectionString: store.superuserUrl });
    await database.connect();
    started.defer(() => database.end());
    await ingress.ready();
    ingressUrl = ingress.url;
  });
  after(() => started.disposeAsync());

  /** Runs a command that must end with 0. */
  async function takings(command: string): Promise<string> {
    const { code, output } = await operator.run(`takings ${command}`);
    expect(code, output).to.equal(0);
    return output;
  }

  /** Until so many payments are counted. */
  async function counted(count: number): Promise<void> {
    await eventually(`${count} payments to be counted`, async () => (await countPayments()) === count);
  }

  async function countPayments(): Promise<number | undefined> {
    const { rows } = await database.query<{ n: number }>("select count(*)::int as n from takings.ledger");
    return rows[0]?.n;
  }

  it("delivers events that are counted, without a secret that somebody copied", async () => {
    await stripe.send(payment("first", 1));
    await counted(1);
    expect(acceptances(stripe)).to.have.lengthOf(1);
    expect(refusals(stripe)).to.deep.equal([]);
  });

  it("refuses no delivery while its secret is rotated", async () => {
    stripe.attempts.length = 0;
    const sending: Promise<void>[] = [];
    const rotated = new AbortController();
    const load = async (): Promise<void> => {
      for (const begun = performance.now(); !rotated.signal.aborted; ) {
        const due = ((performance.now() - begun) / 1_000) * rate;
        while (sending.length < due) sending.push(stripe.send(payment(`rotation_${sending.length}`, 1)));
        await delay(5);
      }
      await Promise.all(sending);
    };
    const loaded = load();
    await takings("endpoint rotate");
    expect(stripe.book.endpoints).to.have.lengthOf(2);
    await takings("endpoint rotate --finish");
    rotated.abort();
    await loaded;
    expect(refusals(stripe)).to.deep.equal([]);
    const delivered = new Set(acceptances(stripe).map(({ endpoint }) => endpoint));
    expect([...delivered]).to.have.lengthOf(2);
    await counted(1 + sending.length);
  });

  it("is found when Stripe has disabled it, and reconcile closes the gap", async () => {
    const before = (await countPayments()) ?? 0;
    Object.assign(stripe.book.endpoints[0] ?? {}, { status: "disabled" });
    await stripe.send(payment("gap", 2 * listed.hour));
    const plan = await operator.run("takings endpoint plan");
    expect(plan.code).to.equal(2);
    expect(plan.output).to.contain("disabled").and.to.contain("takings reconcile");
    await takings("endpoint apply");
    expect(await takings("reconcile")).to.contain("evt_gap missing, repaired");
    await counted(before + 1);
    await takings("endpoint plan");
  });
});
