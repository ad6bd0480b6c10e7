import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { applyTopology, createEventPublisher, openLink } from "@takings/nats";
import {
  eventually,
  startService,
  type TestDatabase,
  testDatabase,
  type TestNats,
  testNats,
  type TestService,
} from "@takings/testkit";
import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { Client } from "pg";
import { z } from "zod";
import { type FakeStripe, fakeKey, fakeStripe, type StripeObject } from "./fake-stripe.ts";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const hour = 3_600;
const now = Math.floor(Date.now() / 1_000);
const counts = z.looseObject({
  listed: z.number(),
  published: z.number(),
  missing: z.number(),
  different: z.number(),
  complete_through: z.string().nullable(),
  through: z.string(),
  findings: z.array(z.object({ id: z.string(), found: z.string(), detail: z.string(), healed: z.boolean() })),
});
type Report = z.output<typeof counts>;
type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

function intent(id: string, secondsAgo: number, amount = 500): StripeObject {
  const created = now - secondsAgo;
  const charge = { id: `ch_${id}`, created, balance_transaction: { id: "txn_1", created: created + 60 } };
  return {
    id: `pi_${id}`,
    object: "payment_intent",
    created: created - 30,
    status: "succeeded",
    amount_received: amount,
    currency: "usd",
    latest_charge: charge,
    metadata: { name: "Jenny Rosen" },
    livemode: false,
  };
}

function succeeded(id: string, secondsAgo: number, amount = 500): StripeObject {
  return {
    id: `evt_${id}`,
    object: "event",
    api_version: "2022-08-01",
    created: now - secondsAgo,
    livemode: false,
    pending_webhooks: 0,
    type: "payment_intent.succeeded",
    data: { object: { id: `pi_${id}`, amount_received: amount, currency: "usd" } },
  };
}

describe("takings reconcile", () => {
  let nats: TestNats;
  let database: TestDatabase;
  let consumer: TestService;
  let stripe: FakeStripe;
  let client: Client;

  before(async () => {
    nats = await testNats();
    const admin = await openLink({ url: nats.urls.admin, name: "admin" });
    await applyTopology((await admin.connected(5_000)).nats, { replicas: 1, maxBytes: 50_000_000 });
    await admin.close();
    database = await testDatabase();
    client = new Client({ connectionString: database.superuserUrl });
    await client.connect();
    consumer = await startService("consumer", {
      NATS_URL: nats.urls.consumer,
      DATABASE_URL: database.writerUrl,
    });
  });
  after(async () => {
    await consumer[Symbol.asyncDispose]();
    await client.end();
    await database.drop();
    await nats.close();
  });
  beforeEach(async () => {
    stripe = await fakeStripe();
    await client.query("truncate takings.events, takings.ledger, takings.reconciliations");
  });
  afterEach(() => stripe[Symbol.asyncDispose]());

  /** Each test has ids of its own, because the stream remembers those of the tests before. */
  let test = 0;
  beforeEach(() => {
    test += 1;
  });
  const own = (name: string): string => `${test}x${name}`;

  function start(
    args: readonly string[],
    env: Record<string, string> = {},
  ): { kill(): void; ended: Promise<Ended> } {
    const settings = {
      DATABASE_URL: database.reconcilerUrl,
      NATS_URL: nats.urls.reconcile,
      STRIPE_API_URL: stripe.url,
      STRIPE_API_KEY: fakeKey,
      ...env,
    };
    const ended = Promise.withResolvers<Ended>();
    const child = execFile(
      process.execPath,
      [main, "reconcile", ...args],
      { env: settings },
      (error, stdout, stderr) =>
        ended.resolve({ code: error === null ? 0 : Number(error.code ?? 137), stdout, stderr }),
    );
    return { kill: () => void child.kill("SIGKILL"), ended: ended.promise };
  }

  async function reconciled(...args: string[]): Promise<Report & { readonly code: number }> {
    const { code, stdout, stderr } = await start(["--json", ...args]).ended;
    if (stdout === "") throw new Error(`no report: ${stderr}`);
    return { code, ...counts.parse(JSON.parse(stdout)) };
  }

  async function ledger(): Promise<Record<string, unknown>[]> {
    const { rows } = await client.query<Record<string, unknown>>(
      "select kind, object_id, amount::int, event_id, occurred_at from takings.ledger order by object_id, kind",
    );
    return rows;
  }

  async function deliver(event: StripeObject): Promise<void> {
    const link = await openLink({ url: nats.urls.ingress, name: "ingress" });
    await link.connected(5_000);
    const { publish } = createEventPublisher(link, { ackTimeoutMs: 4_000 });
    // With other spacing than the API's, as Stripe delivers.
    const body = Buffer.from(JSON.stringify({ ...event, pending_webhooks: 1 }, undefined, 2));
    await publish({ id: event.id, type: String(event["type"]), body, headers: {} });
    await eventually("the event to be stored", async () => {
      const { rows } = await client.query("select from takings.events where event_id = $1", [event.id]);
      return rows.length === 1;
    });
    await link.close();
  }

  it("publishes the events that the store lacks, as themselves, and says that nothing is missing then", async () => {
    const events = [succeeded(own("a"), hour), succeeded(own("b"), 2 * hour), succeeded(own("c"), 3 * hour)];
    stripe.lists.set("events", events);
    await deliver(succeeded(own("b"), 2 * hour));
    const report = await reconciled();
    expect(report).to.deep.include({ code: 0, listed: 3, published: 2, missing: 0, different: 0 });
    expect(report.complete_through).to.equal(report.through);
    expect((await ledger()).map(({ event_id: id }) => id)).to.deep.equal(events.map(({ id }) => id));
    expect(report.findings.map(({ id, healed }) => [id, healed])).to.deep.equal([
      [`evt_${own("a")}`, true],
      [`evt_${own("c")}`, true],
    ]);
  });

  it("leaves the body that the store has, whatever bytes the API gives", async () => {
    const event = succeeded(own("a"), hour);
    stripe.lists.set("events", [event]);
    await deliver(event);
    expect(await reconciled()).to.deep.include({ published: 0, missing: 0 });
    const { rows } = await client.query("select count(*)::int from takings.events");
    expect(rows).to.deep.equal([{ count: 1 }]);
  });

  it("asks only for the types of event that can be money", async () => {
    await reconciled();
    const types = new URLSearchParams(stripe.requests[0]?.split("?")[1]);
    expect([...types].filter(([name]) => name.startsWith("types"))).to.have.length(10);
  });

  it("makes an event from each object that no event speaks of, dated by its money", async () => {
    const returned = { id: "txn_2", created: now - hour };
    stripe.lists.set("payment_intents", [intent(own("a"), 5 * hour)]);
    stripe.lists.set("charges", [
      { ...charge(own("b"), 4 * hour), payment_intent: null },
      { ...charge(own("c"), 4 * hour), payment_intent: `pi_${own("a")}` },
    ]);
    stripe.lists.set("refunds", [
      refund(own("d"), 3 * hour),
      { ...refund(own("e"), 3 * hour), status: "failed", failure_balance_transaction: returned },
    ]);
    stripe.lists.set("disputes", [dispute(own("f"), 2 * hour, [-900, 400]), dispute(own("g"), 2 * hour, [])]);
    expect(await reconciled()).to.deep.include({
      code: 0,
      listed: 7,
      published: 6,
      missing: 0,
      different: 0,
    });
    const entries = (await ledger()).map(({ kind, object_id: id, amount, event_id: event }) => [
      kind,
      id,
      amount,
      event,
    ]);
    const made = (id: string): string => `evt_reconcile_${id}`;
    const [a, b, d, e, f] = [
      `pi_${own("a")}`,
      `ch_${own("b")}`,
      `re_${own("d")}`,
      `re_${own("e")}`,
      `dp_${own("f")}`,
    ];
    expect(entries).to.have.deep.members([
      ["payment", a, 500, made(a)],
      ["payment", b, 700, made(b)],
      ["refund", d, -200, made(d)],
      ["refund", e, -200, made(`${e}_reversal`)],
      ["refund_reversal", e, 200, made(`${e}_reversal`)],
      ["dispute", f, -900, made(f)],
      ["dispute_reversal", f, 400, made(`${f}_reversal`)],
    ]);
    const times = new Map(
      (await ledger()).map((row) => [
        `${String(row["kind"])} ${String(row["object_id"])}`,
        row["occurred_at"],
      ]),
    );
    expect(times.get(`payment ${a}`)).to.deep.equal(new Date((now - 5 * hour + 60) * 1_000));
    expect(times.get(`refund_reversal ${e}`)).to.deep.equal(new Date(returned.created * 1_000));
  });

  it("gives way to a real event, even one that is later", async () => {
    stripe.lists.set("payment_intents", [intent(own("a"), 5 * hour, 500)]);
    await reconciled();
    await deliver(succeeded(own("a"), 2 * hour, 501));
    expect(await ledger()).to.deep.equal([
      {
        kind: "payment",
        object_id: `pi_${own("a")}`,
        amount: 501,
        event_id: `evt_${own("a")}`,
        occurred_at: new Date((now - 2 * hour) * 1_000),
      },
    ]);
  });

  it("keeps nothing of a person in what it makes", async () => {
    stripe.lists.set("payment_intents", [intent(own("a"), hour)]);
    await reconciled();
    const { rows } = await client.query<{ payload: Buffer }>("select payload from takings.events");
    expect(rows).to.have.length(1);
    expect(JSON.stringify(rows)).not.to.include("Jenny");
  });

  it("tells entries that the ledger has otherwise, touches none of them, and exits with 2", async () => {
    await deliver(succeeded(own("a"), hour, 499));
    stripe.lists.set("payment_intents", [intent(own("a"), hour, 500)]);
    const report = await reconciled();
    expect(report).to.deep.include({ code: 2, published: 0, missing: 0, different: 1 });
    expect(report.findings[0]?.detail).to.equal("payment of 500 usd at Stripe, 499 usd in the ledger");
    expect((await ledger())[0]).to.include({ amount: 499 });
  });

  it("counts what is money but cannot be understood as missing, and is complete only up to it", async () => {
    stripe.lists.set("payment_intents", [{ ...intent(own("a"), hour), currency: "US Dollars" }]);
    const report = await reconciled();
    expect(report).to.deep.include({ code: 2, published: 0, missing: 1 });
    expect(Date.parse(report.complete_through ?? "")).to.equal((now - hour - 30) * 1_000);
    stripe.lists.set("payment_intents", [intent(own("a"), hour)]);
    expect(await reconciled()).to.deep.include({ code: 0, missing: 0, published: 1 });
  });

  it("changes nothing in a dry run", async () => {
    stripe.lists.set("events", [succeeded(own("a"), hour)]);
    expect(await reconciled("--dry-run")).to.deep.include({ code: 2, missing: 1, published: 0 });
    const { rows } = await client.query(
      "select from takings.events union all select from takings.reconciliations",
    );
    expect(rows).to.have.length(0);
  });

  it("reads every page, once, and survives 429 and 5xx", async () => {
    const events = Array.from({ length: 250 }, (_, n) => succeeded(own(`p${n}`), hour + n));
    stripe.lists.set("events", events);
    stripe.faults.push({ status: 429, headers: { "retry-after": "0" } }, { status: 503 }, { status: 500 });
    expect(await reconciled()).to.deep.include({ code: 0, listed: 250, published: 250, missing: 0 });
    expect(await ledger()).to.have.length(250);
    // Three faults, three pages, and one page each of four kinds of object.
    expect(stripe.requests).to.have.length(10);
  });

  it("goes on where it was killed", async () => {
    const events = Array.from({ length: 250 }, (_, n) => succeeded(own(`k${n}`), hour + n));
    stripe.lists.set("events", events);
    const first = start(["--json"]);
    stripe.onRequest = () => {
      if (stripe.requests.length === 3) first.kill();
    };
    expect(await first.ended).to.have.property("code", 137);
    stripe.onRequest = () => {};
    const before = stripe.requests.length;
    expect(await reconciled()).to.deep.include({ code: 0, listed: 250, published: 250, missing: 0 });
    expect(stripe.requests[before]).to.include(`starting_after=evt_${own("k199")}`);
    expect(await ledger()).to.have.length(250);
  });

  it("begins a list again when the item that it had come to has expired", async () => {
    const events = Array.from({ length: 150 }, (_, n) => succeeded(own(`g${n}`), hour + n));
    stripe.lists.set("events", events);
    const first = start(["--json"]);
    stripe.onRequest = () => {
      if (stripe.requests.length === 2) first.kill();
    };
    await first.ended;
    stripe.onRequest = () => {};
    stripe.lists.set("events", events.toSpliced(99, 1));
    expect(await reconciled()).to.deep.include({ code: 0, missing: 0 });
    expect(await ledger()).to.have.length(150);
  });

  it("begins the next time a day before it was complete", async () => {
    const { through } = await reconciled();
    await reconciled();
    const from = new URLSearchParams(stripe.requests.at(-1)?.split("?")[1]).get("created[gte]");
    expect(Number(from)).to.equal(Math.ceil(Date.parse(through) / 1_000) - 24 * hour);
  });

  it("looks at connected accounts too when they are named, and books their money as theirs", async () => {
    stripe.lists.set("events acct_1", [succeeded(own("a"), hour)]);
    stripe.lists.set("payment_intents acct_1", [intent(own("b"), hour)]);
    const { code, stdout } = await start(["--json", "--account", "acct_1"]).ended;
    expect(code).to.equal(0);
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { account: unknown }).account),
    ).to.deep.equal([null, "acct_1"]);
    const { rows } = await client.query("select distinct account from takings.ledger");
    expect(rows).to.deep.equal([{ account: "acct_1" }]);
  });

  it("fails, with what Stripe says and without the key, when the key is refused", async () => {
    const { code, stdout, stderr } = await start([], { STRIPE_API_KEY: "rk_test_wrong0secret" }).ended;
    expect([code, stdout, stderr]).to.deep.equal([1, "", "takings: Invalid API Key provided\n"]);
  });

  it("refuses a second run over the same books at the same time", async () => {
    stripe.faults.push("hang");
    const first = start([]);
    await eventually("the first run to ask", () => stripe.requests.length === 1);
    const second = await start([]).ended;
    expect(second.code).to.equal(1);
    expect(second.stderr).to.match(/another process reconciles/);
    first.kill();
    await first.ended;
  });

  it("names every setting that is wrong or missing at once", async () => {
    const { stderr, code } = await start([], {
      STRIPE_API_URL: "http://stripe.example",
      DATABASE_URL: "",
      NATS_URL: "",
    }).ended;
    expect(code).to.equal(1);
    for (const name of ["STRIPE_API_URL", "DATABASE_URL", "NATS_URL"]) expect(stderr).to.include(`${name}: `);
  });

  function charge(id: string, secondsAgo: number): StripeObject {
    return {
      id: `ch_${id}`,
      object: "charge",
      created: now - secondsAgo,
      status: "succeeded",
      captured: true,
      amount: 700,
      amount_captured: 700,
      currency: "usd",
    };
  }

  function refund(id: string, secondsAgo: number): StripeObject {
    const created = now - secondsAgo;
    return { id: `re_${id}`, object: "refund", created, status: "succeeded", amount: 200, currency: "usd" };
  }

  function dispute(id: string, secondsAgo: number, moved: readonly number[]): StripeObject {
    const created = now - secondsAgo;
    const transactions = moved.map((amount, n) => ({
      id: `txn_${n}`,
      amount,
      currency: "usd",
      created: created + n,
    }));
    return {
      id: `dp_${id}`,
      object: "dispute",
      created,
      amount: 900,
      currency: "usd",
      status: "lost",
      balance_transactions: transactions,
    };
  }
});
