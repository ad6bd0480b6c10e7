import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { applyTopology, openLink } from "@takings/nats";
import {
  type FakeStripe,
  fakeStripe,
  fakeStripeKey,
  listed,
  nodeCommand,
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

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const { hour } = listed;
const counts = z.looseObject({
  listed: z.number(),
  published: z.number(),
  missing: z.number(),
  different: z.number(),
  complete_through: z.string().nullable(),
  through: z.string(),
  findings: z.array(
    z.object({ id: z.string(), found: z.string(), detail: z.string(), repaired: z.boolean() }),
  ),
});
type Report = z.output<typeof counts>;
type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

describe("takings reconcile", function () {
  this.timeout(60_000);
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
    await client.query(
      "truncate takings.events, takings.ledger, takings.payment_objects, takings.gaps, takings.reconciliations cascade",
    );
  });
  afterEach(() => stripe[Symbol.asyncDispose]());

  /** Each test uses its own ids, because the stream remembers the ids of earlier tests. */
  let test = 0;
  beforeEach(() => {
    test += 1;
  });
  const own = (name: string): string => `${test}x${name}`;

  function start(
    args: readonly string[],
    env: Record<string, string> = {},
  ): { kill(signal?: NodeJS.Signals): void; ended: Promise<Ended> } {
    const settings = {
      DATABASE_URL: database.reconcilerUrl,
      NATS_URL: nats.urls.reconcile,
      STRIPE_API_URL: stripe.url,
      STRIPE_API_KEY: fakeStripeKey,
      ...env,
    };
    const ended = Promise.withResolvers<Ended>();
    const program = nodeCommand([main, "reconcile", ...args], settings);
    const child = execFile(program.command, program.args, program, (error, stdout, stderr) =>
      ended.resolve({ code: error === null ? 0 : Number(error.code ?? 137), stdout, stderr }),
    );
    return { kill: (signal = "SIGKILL") => void child.kill(signal), ended: ended.promise };
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

  it("continues where it was killed", async () => {
    const events = Array.from({ length: 250 }, (_, n) => listed.succeeded(own(`k${n}`), hour + n));
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

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it(`ends on ${signal} while a response of Stripe is incomplete, and continues from there`, async () => {
      const events = Array.from({ length: 150 }, (_, n) => listed.succeeded(own(`s${n}`), hour + n));
      stripe.lists.set("events", events);
      const first = start(["--json"]);
      const begun = Promise.withResolvers<void>();
      stripe.onRequest = () => {
        if (stripe.requests.length !== 2) return;
        stripe.faults.push({ status: 200, drip: true });
        begun.resolve();
      };
      await begun.promise;
      first.kill(signal);
      const signalled = performance.now();
      const { code, stderr } = await first.ended;
      expect(performance.now() - signalled).to.be.lessThan(8_000);
      expect([code, stderr]).to.deep.equal([
        1,
        "takings: stopped before the end; the next run continues from there\n",
      ]);
      stripe.onRequest = () => {};
      const before = stripe.requests.length;
      expect(await reconciled()).to.deep.include({ code: 0, listed: 150, published: 150, missing: 0 });
      expect(stripe.requests[before]).to.include(`starting_after=evt_${own("s99")}`);
    });
  }

  it("also reconciles the given connected accounts, and records their entries under them", async () => {
    stripe.lists.set("events acct_1", [listed.succeeded(own("a"), hour)]);
    stripe.lists.set("payment_intents acct_1", [listed.intent(own("b"), hour)]);
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

  it("reconciles a source with its own key, and records its entries under it", async () => {
    stripe.lists.set("payment_intents", [listed.intent(own("a"), hour)]);
    const folder = await mkdtemp(join(tmpdir(), "takings-reconcile-"));
    const [keyFile, sourcesFile] = [join(folder, "key"), join(folder, "sources.json")];
    await writeFile(keyFile, fakeStripeKey);
    const shop = { webhook_secrets: ["whsec_shop"], api_key_file: keyFile };
    await writeFile(sourcesFile, JSON.stringify({ shop }));
    expect(await reconciled()).to.include({ code: 0, published: 1, source: "default" });
    const env = { STRIPE_API_KEY: "", STRIPE_SOURCES_FILE: sourcesFile };
    const { code, stdout } = await start(["--json", "--source", "shop"], env).ended;
    await rm(folder, { recursive: true });
    expect(code).to.equal(0);
    expect(JSON.parse(stdout)).to.include({ source: "shop", published: 1, missing: 0 });
    const { rows } = await client.query("select source, event_id from takings.ledger order by source");
    expect(rows.map(({ source }) => source)).to.deep.equal(["default", "shop"]);
    expect(new Set(rows.map(({ event_id: id }) => id)).size).to.equal(1);
  });

  it("fails with Stripe's message, without the key, when the key is rejected", async () => {
    const { code, stdout, stderr } = await start([], { STRIPE_API_KEY: "rk_test_wrong0secret" }).ended;
    expect([code, stdout, stderr]).to.deep.equal([1, "", "takings: Invalid API Key provided\n"]);
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
});
