import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { applyTopology, openLink } from "@takings/nats";
import { sign } from "@takings/simulator";
import {
  eventually,
  testVariable,
  nodeCommand,
  runService,
  startService,
  type TestDatabase,
  testDatabase,
  type TestNats,
  testNats,
  type TestService,
} from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";

const signing = "whsec_never_to_be_seen";
const ofSource = "whsec_source_never_to_be_seen";
const token = "token-never-to-be-seen";
const apiKey = "rk_test_never0to0be0seen";
const person = "Jenny Rosen";
const mainOfCli = new URL("../../packages/cli/src/main.ts", import.meta.url).pathname;

describe("Secrets and personal data of events", () => {
  let nats: TestNats;
  let database: TestDatabase;
  let services: Readonly<Record<string, TestService>> = {};
  let sourcesFile = "";
  /** All output and all responses. */
  const seen: string[] = [];
  const signatures: string[] = [];

  before(async function () {
    this.timeout(180_000);
    [nats, database] = await Promise.all([testNats(), testDatabase()]);
    const admin = await openLink({ url: nats.urls.admin, name: "admin" });
    await applyTopology((await admin.connected(5_000)).nats, { replicas: 1, maxBytes: 50_000_000 });
    sourcesFile = join(testVariable("TEST_DIR"), "secret-sources.json");
    writeFileSync(sourcesFile, JSON.stringify({ shop: { webhook_secrets: [ofSource] } }));
    const loud = { LOG_LEVEL: "trace", STRIPE_SOURCES_FILE: sourcesFile };
    const ingress = await startService("ingress", {
      ...loud,
      NATS_URL: nats.urls.ingress,
      NATS_MONITOR_URL: nats.monitorUrl,
      STRIPE_WEBHOOK_SECRETS: signing,
    });
    const stores = { NATS_URL: nats.urls.consumer, DATABASE_URL: database.writerUrl };
    const consumer = await startService("consumer", { ...loud, ...stores });
    const query = await startService("revenue-query", {
      ...loud,
      DATABASE_URL: database.readerUrl,
      API_TOKENS: token,
    });
    services = { ingress, consumer, query };
    await eventually("readiness", async () => (await fetch(`${ingress.adminUrl}/readyz`)).ok);
    try {
      await useAll((await admin.connected(5_000)).nats);
      await breakAll();
    } finally {
      await admin.close();
    }
    for (const service of Object.values(services)) seen.push(service.output());
  });
  after(async () => {
    for (const service of Object.values(services)) await service[Symbol.asyncDispose]();
    await database.drop();
    await nats.close();
  });

  const output = (): string => services["consumer"]?.output() ?? "";

  async function look(url: string, init?: RequestInit): Promise<number> {
    const response = await fetch(url, init);
    seen.push(JSON.stringify([...response.headers]), await response.text());
    return response.status;
  }

  function post(body: string, secret = signing, path = "/webhooks/stripe"): Promise<number> {
    const signature = sign(body, secret);
    signatures.push(...signature.split("v1=").slice(1));
    const headers = { "stripe-signature": signature, "content-type": "application/json" };
    return look(`${services["ingress"]?.url}${path}`, { method: "POST", body, headers });
  }

  function event(id: string, amount: unknown): string {
    const object = { id: `pi_${id}`, amount_received: amount, currency: "usd", shipping: { name: person } };
    const data = { object };
    return JSON.stringify({
      id: `evt_${id}`,
      type: "payment_intent.succeeded",
      created: 1_780_000_000,
      livemode: true,
      data,
    });
  }

  const asked = (path: string, given = token): Promise<number> =>
    look(`${services["query"]?.url}${path}`, { headers: { authorization: `Bearer ${given}` } });

  type Publisher = { publish(subject: string, body: string): void };

  /** Uses everything, with valid and invalid requests. */
  async function useAll(admin: Publisher): Promise<void> {
    expect(await post(event("good", 5))).to.equal(200);
    expect(await post(event("good", 5), ofSource, "/webhooks/stripe/shop")).to.equal(200);
    expect(await post(event("odd", `-5 ${person}`))).to.equal(200);
    expect(await post(event("forged", 5), "whsec_other")).to.equal(400);
    expect(await post(`not json, ${person}`)).to.equal(400);
    admin.publish("stripe.events.x", `not an event, ${person}`);
    await eventually("all to be stored", () => output().split("event_quarantined").length > 2);
    expect(await asked("/v1/revenue")).to.equal(200);
    expect(await asked("/v1/revenue", "another-token")).to.equal(401);
    expect(await asked(`/v1/revenue?token=${encodeURIComponent("odd")}`)).to.equal(400);
  }

  /** Stops each component, and starts each command and service with invalid settings. */
  async function breakAll(): Promise<void> {
    writeFileSync(sourcesFile, `{"shop": {"webhook_secrets": ["${ofSource}" "${ofSource}"]}}`);
    await eventually("the refusal of the sources", async () => {
      expect(await post(event("good", 5), ofSource, "/webhooks/stripe/shop")).to.equal(200);
      return services["ingress"]?.output().includes("sources_not_reloaded") === true;
    });
    await database.drop();
    expect(await post(event("later", 5))).to.equal(200);
    await eventually("the consumer to fail", () => output().includes("batch_failed"));
    expect(await asked("/v1/revenue")).to.be.at.least(500);
    for (const { adminUrl } of Object.values(services)) {
      await look(`${adminUrl}/metrics`);
      await look(`${adminUrl}/readyz`);
    }
    const wrong = {
      DATABASE_URL: database.writerUrl.replace("postgres:", "mysql:"),
      NATS_URL: nats.urls.consumer.replace("nats:", "http:"),
    };
    const env = {
      DATABASE_URL: database.reconcilerUrl,
      NATS_URL: nats.urls.reconcile,
      STRIPE_API_KEY: apiKey,
      STRIPE_API_URL: "http://127.0.0.1:1",
    };
    seen.push(
      (await runService("consumer", wrong)).output,
      await said("verify", env),
      await said("reconcile", env),
      await said("reconcile", { ...env, STRIPE_API_KEY: apiKey.replace("_test_", "_odd_") }),
    );
    await nats.kill();
    expect(await post(event("last", 5))).to.equal(503);
  }

  function said(command: string, env: Record<string, string>): Promise<string> {
    const program = nodeCommand([mainOfCli, command], env);
    return new Promise((resolve) => {
      execFile(program.command, program.args, { ...program, timeout: 20_000 }, (_, stdout, stderr) =>
        resolve(stdout + stderr),
      );
    });
  }

  it("are in no log, metric or response, whatever fails", () => {
    const passwords: Record<string, string> = JSON.parse(testVariable("TEST_SECRETS"));
    const natsPasswords = Object.values(nats.urls).map((url) => new URL(url).password);
    const secrets = [
      signing,
      ofSource,
      token,
      apiKey,
      "never0to0be0seen",
      ...Object.values(passwords),
      ...natsPasswords,
    ];
    const text = seen.join("\n");
    expect(text).to.include("event_quarantined").and.include("batch_failed").and.include("event_not_stored");
    for (const secret of [...secrets, ...signatures, person]) {
      expect(text.includes(secret), `${secret} was written`).to.equal(false);
    }
  });
});
