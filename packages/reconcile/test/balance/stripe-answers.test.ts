import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { balancePermissions } from "@takings/simulator";
import { apiKey, charge, type SyncContext, syncContext } from "./sync-context.ts";

const now = Math.floor(Date.now() / 1_000);

describe("a sync of the balance, when Stripe", () => {
  let context: SyncContext;
  beforeEach(async () => {
    context = await syncContext();
    context.written.balance_transactions.push(charge("txn_1", now - 60));
  });
  afterEach(() => context[Symbol.asyncDispose]());

  const failureOf = async (options: Parameters<SyncContext["sync"]>[0] = {}): Promise<string> =>
    context.sync(options).then(() => "no failure", String);

  for (const [what, header] of [
    ["seconds", () => "1"],
    ["a date", () => new Date(Date.now() + 1_500).toUTCString()],
  ] as const) {
    it(`limits the rate, waits as long as Retry-After says in ${what}`, async () => {
      const fault = { kind: "status", status: 429, headers: { "retry-after": header() } } as const;
      context.stripe.faults.push(fault);
      const startedAt = performance.now();
      await context.sync();
      expect(performance.now() - startedAt).to.be.above(what === "seconds" ? 990 : 200);
      expect(context.ledger.transactions.size).to.equal(1);
    });
  }

  it("limits the rate for longer than a request may fail, goes on", async () => {
    const fault = { kind: "status", status: 429, headers: { "retry-after": "0" } } as const;
    context.stripe.faults.push(...Array.from({ length: 20 }, () => fault));
    expect(await failureOf({ maxFailingMs: 1 })).to.equal("no failure");
  });

  it("limits the rate, can be stopped while it waits", async () => {
    const stopping = new AbortController();
    context.stripe.faults.push({ kind: "status", status: 429, headers: { "retry-after": "600" } });
    context.stripe.onRequest = () => stopping.abort(new Error("stopped"));
    expect(await failureOf({ stopping: stopping.signal })).to.equal("Error: stopped");
  });

  it("fails, is asked again", async () => {
    context.stripe.faults.push({ kind: "status", status: 503 }, { kind: "reset" });
    expect(await failureOf()).to.equal("no failure");
    expect(context.ledger.transactions.size).to.equal(1);
  });

  it("does not complete a response, is asked again", async () => {
    context.stripe.faults.push({ kind: "cut" }, { kind: "endless" });
    expect(await failureOf({ responseTimeoutMs: 200 })).to.equal("no failure");
    expect(context.ledger.transactions.size).to.equal(1);
  });

  it("fails for too long, ends the round with one sentence that names the reason", async () => {
    context.stripe.faults.push(
      ...Array.from({ length: 9 }, () => ({ kind: "status", status: 502 }) as const),
    );
    expect(await failureOf({ maxFailingMs: 700 })).to.match(
      /^TakingsError: Stripe did not answer GET \/v1\/balance_transactions for 1 s \(status 502\): check /,
    );
    expect(context.ledger.complete).to.equal(undefined);
  });

  it("cannot be reached, says so by the code of the error", async () => {
    await context.stripe[Symbol.asyncDispose]();
    expect(await failureOf({ maxFailingMs: 1 })).to.match(/\(ECONNREFUSED\)/);
  });

  it("redirects, does not send the key anywhere else", async () => {
    context.stripe.faults.push({ kind: "status", status: 302, headers: { location: "http://127.0.0.1:1/" } });
    expect(await failureOf()).to.match(/status 302/);
    expect(context.stripe.requests).to.have.length(1);
  });

  for (const [name, other] of [
    ["balance_transactions", "payouts"],
    ["payouts", "balance_transactions"],
  ] as const) {
    it(`refuses ${name}, names the permission at once, and not the key`, async () => {
      await using limited = await syncContext({ keys: new Map([[apiKey, [balancePermissions[other]]]]) });
      const failure = await limited.sync().then(() => "no failure", String);
      expect(failure)
        .to.contain(balancePermissions[name])
        .and.contain(`read access to ${name.replace("_", " ")}`);
      expect(failure).to.contain("ending in fake").and.not.contain(apiKey.slice(0, -4));
      expect(failure).to.not.contain("*");
    });
  }

  it("refuses one request, does not wait for the others", async () => {
    // So slow that two requests are under way at the same time.
    await using slow = await syncContext({ latency: 150 });
    const { stripe, ledger } = slow;
    await slow.sync();
    const began = new Date(now * 1_000);
    ledger.round = { began, rereadsMembers: false, transactions: [{ to: now - 99 }, { from: now - 99 }] };
    const ended = Promise.withResolvers<void>();
    stripe.onRequest = (path) => {
      if (path.includes("lt")) return ended.promise;
      stripe.faults.push({ kind: "status", status: 400 });
      return undefined;
    };
    expect(await slow.sync().catch(String)).to.match(/status 400/);
    ended.resolve();
  });

  it("does not know the key, ends at once", async () => {
    await using unknown = await syncContext({ keys: new Map() });
    expect(await unknown.sync().then(() => "no failure", String)).to.match(/does not know.*STRIPE_API_KEY/);
    expect(unknown.stripe.requests).to.have.length(1);
  });
});
