import { expect } from "chai";
import { describe, it } from "mocha";
import { balanceArithmetic, type StatedTransaction } from "../src/balance/arithmetic.ts";
import { createBalanceLife } from "../src/balance/create-life.ts";
import { countedTransactions, statedPayouts } from "../src/balance/stated-facts.ts";
import { createRandom } from "../src/random.ts";

const from = Date.UTC(2025, 0, 1) / 1_000;
const life = createBalanceLife({ seed: 5, from, days: 40, transactions: 1_500, wrongNets: 5 });
const at = life.to + 30 * 86_400;
const transactions = [...countedTransactions(life, at)];

function transaction(changes: Partial<StatedTransaction>): StatedTransaction {
  const [created, net] = [100, 90n];
  const times = { created, availableOn: created, moment: created };
  return {
    id: "txn_1",
    currency: "usd",
    category: "charge",
    gross: 100n,
    fee: 10n,
    net,
    ...times,
    ...changes,
  };
}

describe("the balance by plain addition", () => {
  it("contains a transaction after its moment, and has it available when it says", () => {
    const sums = balanceArithmetic([transaction({ availableOn: 200 })], [100, 101, 199, 200]);
    expect([...sums.balances(100)]).to.deep.equal([]);
    const pending = { available: 0n, pending: 90n, total: 90n, inTransit: 0n };
    expect(sums.balances(101).get("usd")).to.deep.equal(pending);
    expect(sums.balances(199).get("usd")).to.deep.equal(pending);
    expect(sums.balances(200).get("usd")).to.deep.equal({ ...pending, available: 90n, pending: 0n });
  });

  it("has a payout in transit from its creation to its moment", () => {
    const payout = transaction({ category: "payout", net: -70n, moment: 300, availableOn: 300 });
    const sums = balanceArithmetic([payout], [100, 101, 300, 301]);
    expect(sums.balances(100).size).to.equal(0);
    expect(sums.balances(101).get("usd")).to.include({ inTransit: 70n, total: 0n });
    expect(sums.balances(300).get("usd")).to.include({ inTransit: 70n, total: 0n });
    expect(sums.balances(301).get("usd")).to.include({ inTransit: 0n, total: -70n });
  });

  it("is the same as what is added up for each instant and range by itself", () => {
    const random = createRandom(1);
    const instants = Array.from({ length: 40 }, () => random.int(from - 1_000, at));
    const sums = balanceArithmetic(transactions, instants);
    const net = (of: readonly StatedTransaction[]): bigint =>
      of.reduce((total, item) => total + item.net, 0n);
    for (const instant of instants) {
      for (const [currency, { available, total, inTransit }] of sums.balances(instant)) {
        const own = transactions.filter((item) => item.currency === currency);
        const before = own.filter(({ moment }) => moment < instant);
        expect(total).to.equal(net(before));
        expect(available).to.equal(net(before.filter(({ availableOn }) => availableOn <= instant)));
        const leaving = own.filter(({ created, moment }) => created < instant && moment >= instant);
        expect(inTransit).to.equal(-net(leaving));
      }
      const other = random.pick(instants);
      const [start, end] = instant < other ? [instant, other] : [other, instant];
      for (const [currency, { startingBalance, categories, endingBalance }] of sums.summary(start, end)) {
        const own = transactions.filter((item) => item.currency === currency);
        const within = own.filter(({ moment }) => moment >= start && moment < end);
        expect(startingBalance).to.equal(net(own.filter(({ moment }) => moment < start)));
        expect([...categories.values()].reduce((total, { count }) => total + count, 0)).to.equal(
          within.length,
        );
        expect(endingBalance - startingBalance).to.equal(net(within));
      }
    }
  });

  it("explains every automatic payout by its members", () => {
    const payouts = [...statedPayouts(life, at, false)];
    const explained = payouts.filter(({ unexplained }) => unexplained !== null);
    expect(explained.length).to.be.greaterThan(100);
    expect(explained.filter(({ unexplained }) => unexplained !== 0n)).to.deep.equal([]);
    const manual = payouts.filter(({ object }) => object["automatic"] === false);
    expect(manual.filter(({ members }) => members !== null)).to.deep.equal([]);
  });
});
