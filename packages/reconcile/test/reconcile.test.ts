import { listed, type StripeObject } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { type RunOptions, useTestSuite } from "./test-context.ts";

const { hour, now } = listed;

type Counts = {
  readonly listed: number;
  readonly published: number;
  readonly missing: number;
  readonly different: number;
  readonly through: Date;
  readonly complete_through: string | undefined;
  readonly findings: readonly { readonly id: string; readonly detail: string; readonly repaired: boolean }[];
};

describe("reconciling with Stripe", () => {
  const suite = useTestSuite();

  const own = (name: string): string => `${suite.test}x${name}`;

  async function reconciled(options: RunOptions = {}): Promise<Counts> {
    const { run, known, findings } = await suite.context.reconcile(suite.stripe, options);
    return { ...run, complete_through: known?.completeThrough, findings };
  }
  const deliver = (event: StripeObject): Promise<void> => suite.context.deliver(event);

  async function ledger(): Promise<Record<string, unknown>[]> {
    const { rows } = await suite.context.client.query<Record<string, unknown>>(
      "select kind, object_id, amount::int, event_id, occurred_at from takings.ledger order by object_id, kind",
    );
    return rows;
  }

  it("publishes the events that the store lacks, and reports that nothing is missing then", async () => {
    const events = [
      listed.succeeded(own("a"), hour),
      listed.succeeded(own("b"), 2 * hour),
      listed.succeeded(own("c"), 3 * hour),
    ];
    suite.stripe.lists.set("events", events);
    await deliver(listed.succeeded(own("b"), 2 * hour));
    const report = await reconciled();
    expect(report).to.deep.include({ listed: 3, published: 2, missing: 0, different: 0 });
    expect(report.complete_through).to.equal(report.through.toISOString());
    expect((await ledger()).map(({ event_id: id }) => id)).to.deep.equal(events.map(({ id }) => id));
    expect(report.findings.map(({ id, repaired }) => [id, repaired])).to.deep.equal([
      [`evt_${own("a")}`, true],
      [`evt_${own("c")}`, true],
    ]);
  });

  it("keeps the stored body, whatever bytes the API returns", async () => {
    const event = listed.succeeded(own("a"), hour);
    suite.stripe.lists.set("events", [event]);
    await deliver(event);
    expect(await reconciled()).to.deep.include({ published: 0, missing: 0 });
    const { rows } = await suite.context.client.query("select count(*)::int from takings.events");
    expect(rows).to.deep.equal([{ count: 1 }]);
  });

  it("lists only event types that can affect the ledger", async () => {
    await reconciled();
    const types = new URLSearchParams(suite.stripe.requests[0]?.split("?")[1]);
    expect([...types].filter(([name]) => name.startsWith("types"))).to.have.length(11);
  });

  it("publishes an event for each object without one, dated by the movement of money", async () => {
    const returned = { id: "txn_2", created: now - hour };
    suite.stripe.lists.set("payment_intents", [listed.intent(own("a"), 5 * hour)]);
    suite.stripe.lists.set("charges", [
      { ...listed.charge(own("b"), 4 * hour), payment_intent: null },
      { ...listed.charge(own("c"), 4 * hour), payment_intent: `pi_${own("a")}` },
    ]);
    suite.stripe.lists.set("refunds", [
      listed.refund(own("d"), 3 * hour),
      { ...listed.refund(own("e"), 3 * hour), status: "failed", failure_balance_transaction: returned },
    ]);
    suite.stripe.lists.set("disputes", [
      listed.dispute(own("f"), 2 * hour, [-900, 400]),
      listed.dispute(own("g"), 2 * hour, []),
    ]);
    expect(await reconciled()).to.deep.include({
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

  it("is superseded by a real event, even a later one", async () => {
    suite.stripe.lists.set("payment_intents", [listed.intent(own("a"), 5 * hour, 500)]);
    await reconciled();
    await deliver(listed.succeeded(own("a"), 2 * hour, 501));
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

  it("publishes no personal data", async () => {
    suite.stripe.lists.set("payment_intents", [listed.intent(own("a"), hour)]);
    await reconciled();
    const { rows } = await suite.context.client.query<{ payload: Buffer }>(
      "select payload from takings.events",
    );
    expect(rows).to.have.length(1);
    expect(JSON.stringify(rows)).not.to.include("Jenny");
  });

  it("reports entries that differ, without changing them", async () => {
    await deliver(listed.succeeded(own("a"), hour, 499));
    suite.stripe.lists.set("payment_intents", [listed.intent(own("a"), hour, 500)]);
    const report = await reconciled();
    expect(report).to.deep.include({ published: 0, missing: 0, different: 1 });
    expect(report.findings[0]?.detail).to.equal("payment of 500 usd at Stripe, 499 usd in the ledger");
    expect((await ledger())[0]).to.include({ amount: 499 });
  });

  it("counts an object that cannot be understood as missing, and is complete only up to it", async () => {
    suite.stripe.lists.set("payment_intents", [{ ...listed.intent(own("a"), hour), currency: "US Dollars" }]);
    const report = await reconciled();
    expect(report).to.deep.include({ published: 0, missing: 1 });
    expect(Date.parse(report.complete_through ?? "")).to.equal((now - hour - 30) * 1_000);
    suite.stripe.lists.set("payment_intents", [listed.intent(own("a"), hour)]);
    expect(await reconciled()).to.deep.include({ missing: 0, published: 1 });
  });

  it("changes nothing in a dry run", async () => {
    suite.stripe.lists.set("events", [listed.succeeded(own("a"), hour)]);
    expect(await reconciled({ dryRun: true })).to.deep.include({ missing: 1, published: 0 });
    const { rows } = await suite.context.client.query(
      "select from takings.events union all select from takings.reconciliations",
    );
    expect(rows).to.have.length(0);
  });

  it("reads every page once, and retries 429 and 5xx", async () => {
    const events = Array.from({ length: 250 }, (_, n) => listed.succeeded(own(`p${n}`), hour + n));
    suite.stripe.lists.set("events", events);
    suite.stripe.faults.push({ status: 429, headers: { "retry-after": "0" } }, { status: 503 });
    expect(await reconciled()).to.deep.include({ listed: 250, published: 250, missing: 0 });
    expect(await ledger()).to.have.length(250);
    // Two faults, three pages, and one page each of four kinds of object.
    expect(suite.stripe.requests).to.have.length(9);
  });

  it("restarts a list when the object at its cursor has expired", async () => {
    const events = Array.from({ length: 150 }, (_, n) => listed.succeeded(own(`g${n}`), hour + n));
    suite.stripe.lists.set("events", events);
    await suite.context.reconcile(suite.stripe, { pages: 1 }).catch(() => {});
    suite.stripe.lists.set("events", events.toSpliced(99, 1));
    expect(await reconciled()).to.deep.include({ missing: 0 });
    expect(await ledger()).to.have.length(150);
  });

  it("starts the next run a day before the last one was complete through", async () => {
    const { through } = await reconciled();
    await reconciled();
    const from = new URLSearchParams(suite.stripe.requests.at(-1)?.split("?")[1]).get("created[gte]");
    expect(Number(from)).to.equal(Math.ceil(through.getTime() / 1_000) - 24 * hour);
  });

  it("does not run twice over the same ledger scope at the same time", async () => {
    const requested = Promise.withResolvers<void>();
    const resume = Promise.withResolvers<void>();
    suite.stripe.onRequest = () => {
      requested.resolve();
      return resume.promise;
    };
    const first = suite.context.reconcile(suite.stripe);
    await requested.promise;
    const second = await suite.context.reconcile(suite.stripe).catch((error: unknown) => String(error));
    expect(second).to.match(/another process is reconciling/);
    resume.resolve();
    expect((await first).run.missing).to.equal(0);
  });
});
