import { expect } from "chai";
import { describe, it } from "mocha";
import { createBalanceLife } from "../src/balance/create-life.ts";
import { type LifePayout, type LifeTransaction, payoutsOf, transactionsOf } from "../src/balance/life.ts";
import { payoutAt, transactionAt } from "../src/balance/stripe-balance-objects.ts";

const from = Date.UTC(2025, 0, 1) / 1_000;
const options = { seed: 1, from, days: 60, transactions: 3_000 };
const life = createBalanceLife(options);
const transactions = [...transactionsOf(life)];
const payouts = [...payoutsOf(life)];
const automatic = payouts.filter((payout) => payout.automatic);

describe("a generated balance life", () => {
  it("is the same for the same seed, whatever was asked for before", () => {
    const other = createBalanceLife(options);
    for (const day of [40, 3, 59, 12])
      expect(other.transactionsOf(day)).to.deep.equal(life.transactionsOf(day), `day ${day}`);
    expect(other.payoutsOf(30)).to.deep.equal(life.payoutsOf(30));
  });

  it("is another one for another seed or account, with other ids", () => {
    const ids = new Set(transactions.map(({ id }) => id));
    for (const changes of [{ seed: 2 }, { account: "acct_1" }]) {
      const other = createBalanceLife({ ...options, ...changes });
      expect([...transactionsOf(other)].filter(({ id }) => ids.has(id))).to.have.length(0);
    }
  });

  it("gives every object an id of its own by which it is found", () => {
    expect(new Set(transactions.map(({ id }) => id)).size).to.equal(transactions.length);
    expect(new Set(payouts.map(({ id }) => id)).size).to.equal(payouts.length);
    const sample = transactions.filter((_, index) => index % 97 === 0);
    expect(sample.map(({ id }) => life.transaction(id))).to.deep.equal(sample);
    expect(payouts.map(({ id }) => life.payout(id))).to.deep.equal(payouts);
    expect(life.transaction("txn_1unknown")).to.equal(undefined);
  });

  it("has automatic payouts that are what their members add up to", () => {
    expect(automatic.length).to.be.greaterThan(100);
    for (const payout of automatic) {
      const members = life.membersOf(payout.id);
      expect(members.map(({ id }) => id)).to.include(payout.transaction);
      expect(sum(members.filter(({ id }) => id !== payout.transaction))).to.equal(payout.amount, payout.id);
      expect(sum(members)).to.equal(0n);
    }
  });

  it("names the payout of each member, and no payout that does not exist", () => {
    const members = automatic.flatMap(({ id }) => life.membersOf(id).map((member) => [member.id, id]));
    expect(new Map(members as [string, string][])).to.deep.equal(
      new Map(transactions.flatMap(({ id, payout }) => (payout === null ? [] : [[id, payout]]))),
    );
  });

  it("shows every kind of transaction and payout", () => {
    const types = new Set(transactions.map(({ type }) => type));
    for (const type of [
      "charge",
      "payment",
      "refund",
      "refund_failure",
      "application_fee",
      "topup",
      "payout_failure",
    ])
      expect(types).to.include(type);
    const some = (is: (transaction: LifeTransaction) => boolean): boolean => transactions.some(is);
    expect(some(({ reportingCategory }) => reportingCategory === undefined)).to.equal(true);
    expect(some(({ balanceType }) => balanceType === "issuing")).to.equal(true);
    expect(some(({ source }) => source.id === null)).to.equal(true);
    expect(some(({ source }) => source.expanded)).to.equal(true);
    expect(some(({ net }) => net > 2n ** 53n)).to.equal(true);
    expect(some(({ fee }) => fee < 0n)).to.equal(true);
    expect(some(({ exchangeRate }) => exchangeRate !== null)).to.equal(true);
    expect(some(({ visibleFrom, created }) => visibleFrom > created)).to.equal(true);
    const any = (is: (payout: LifePayout) => boolean): boolean => payouts.some(is);
    expect(any(({ amount }) => amount < 0n)).to.equal(true);
    expect(any(({ automatic: by, failedAt }) => by && failedAt !== undefined)).to.equal(true);
    expect(any(({ laterArrival }) => laterArrival !== undefined)).to.equal(true);
    expect(any(({ instant }) => instant)).to.equal(true);
    expect(any(({ end }) => end.status === "canceled")).to.equal(true);
    expect(any(({ automatic: by, failedAt }) => !by && failedAt !== undefined)).to.equal(true);
  });

  it("has a net of amount less fee, except for as many rows as were asked for", () => {
    const wrong = (of: Iterable<LifeTransaction>): number =>
      [...of].filter(({ amount, fee, net }) => net !== amount - fee).length;
    expect(wrong(transactions)).to.equal(0);
    expect(wrong(transactionsOf(createBalanceLife({ ...options, wrongNets: 10 })))).to.equal(10);
  });

  it("leaves a remainder in every so many payouts when asked to", () => {
    const remaining = createBalanceLife({ ...options, remainderEvery: 5 });
    const remainders = [...payoutsOf(remaining)]
      .filter((payout) => payout.automatic)
      .map(
        ({ id, amount, transaction }) =>
          amount - sum(remaining.membersOf(id).filter((member) => member.id !== transaction)),
      );
    expect(new Set(remainders)).to.deep.equal(new Set([0n, 7n]));
  });
});

describe("an object of a balance life", () => {
  it("becomes available with time", () => {
    const charge = transactions.find(({ type }) => type === "charge");
    if (charge === undefined) throw new Error("the life has no charge");
    expect(transactionAt(charge, charge.created)["status"]).to.equal("pending");
    expect(transactionAt(charge, charge.availableOn)["status"]).to.equal("available");
  });

  it("is on its way, arrives and is reconciled, where it is a payout", () => {
    const payout = automatic.find(({ traceId, failedAt }) => traceId !== null && failedAt === undefined);
    if (payout === undefined) throw new Error("the life has no payout with a trace id");
    const { created, end, reconciledAt = 0 } = payout;
    const status = (at: number): unknown => payoutAt(payout, at, false)["status"];
    expect([created, created + 4_000, end.at].map(status)).to.deep.equal(["pending", "in_transit", "paid"]);
    expect(payoutAt(payout, reconciledAt - 1, false)["reconciliation_status"]).to.equal("in_progress");
    expect(payoutAt(payout, reconciledAt, false)["reconciliation_status"]).to.equal("completed");
    expect(payoutAt(payout, end.at, false)["trace_id"]).to.deep.equal({
      status: "supported",
      value: payout.traceId,
    });
  });
});

function sum(of: readonly LifeTransaction[]): bigint {
  return of.reduce((total, { net }) => total + net, 0n);
}
