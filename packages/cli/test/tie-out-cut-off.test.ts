import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { csv } from "./report-files.ts";
import { payouts, transactions } from "./tie-out-ledger.ts";
import { type TieOutRunner, tieOutRunner } from "./tie-out-runner.ts";

const first = {
  balance_transaction_id: "txn_1",
  created_utc: "2026-10-01 09:00:00",
  automatic_payout_id: "po_1",
  trace_id: "TR1",
  reporting_category: "charge",
  currency: "usd",
  net: "11.64",
};
const second = {
  balance_transaction_id: "txn_m2",
  created_utc: "2026-09-20 09:00:00",
  automatic_payout_id: "po_1",
  trace_id: "TR1",
  reporting_category: "adjustment",
  currency: "usd",
  net: "0.00",
};
type Column = keyof typeof first;

/** A payout reconciliation whose last column is `last`. */
function reportEndingWith(last: Column): string {
  const columns = [...Object.keys(first).filter((name) => name !== last), last] as Column[];
  return csv(columns.join(","), ...[second, first].map((row) => columns.map((name) => row[name])));
}

const cutOff = /report\.csv ends inside the last value of line 3: the file is cut off; download it again$/;

describe("takings tie-out of a file that is cut off in its last value", () => {
  let runner: TieOutRunner;

  before(async () => {
    runner = await tieOutRunner();
    await runner.ledger.add(transactions, payouts);
    await runner.ledger.complete("2026-11-01T00:00:00Z");
  });
  after(() => runner.close());

  const cuts: readonly (readonly [Column, number])[] = [
    ["net", 1],
    ["net", 3],
    ["trace_id", 1],
    ["trace_id", 3],
    ["reporting_category", 2],
    ["automatic_payout_id", 1],
    ["currency", 1],
    ["currency", 3],
    ["created_utc", 19],
    ["balance_transaction_id", 1],
  ];
  for (const [column, missing] of cuts) {
    it(`rejects it when ${column} lacks ${missing} characters`, async () => {
      const whole = reportEndingWith(column);
      expect(await runner.differences(whole.trimEnd())).to.deep.equal([]);
      expect(await runner.error(whole.slice(0, -1 - missing))).to.match(cutOff);
    });
  }

  it("rejects a summary that ends so", async () => {
    const header = "reporting_category,currency,count,gross,fee,net";
    const rows = [
      ["charge", "jpy", "1", "500", "20", "480"],
      ["charge", "usd", "1", "12.30", "0.66", "11.64"],
    ];
    const range = ["--from=2026-10-01", "--to=2026-10-02"];
    const whole = csv(header, ...rows);
    expect(await runner.differences(whole.trimEnd(), ...range)).to.deep.equal([]);
    expect(await runner.error(whole.slice(0, -2), ...range)).to.match(cutOff);
  });

  it("reports a difference when a line break ends the row, or another value differs too", async () => {
    const ended = reportEndingWith("net").replace("11.64", "11.6");
    expect(await runner.differences(ended)).to.deep.equal([[3, "txn_1", "net", "11.6", "11.64"]]);
    const alsoElsewhere = reportEndingWith("net").replace("TR1,charge,usd,11.64\n", "TR2,charge,usd,11.6");
    expect(await runner.differences(alsoElsewhere)).to.deep.equal([
      [3, "txn_1", "net", "11.6", "11.64"],
      [3, "txn_1", "trace_id", "TR2", "TR1"],
    ]);
    const elsewhere = reportEndingWith("net").trimEnd().replace("TR1,charge", "TR,charge");
    expect(await runner.differences(elsewhere)).to.deep.equal([[3, "txn_1", "trace_id", "TR", "TR1"]]);
  });

  it("reports a difference when the ledger does not continue what the file says", async () => {
    const other = reportEndingWith("net").replace("11.64\n", "11.5");
    expect(await runner.differences(other)).to.deep.equal([[3, "txn_1", "net", "11.5", "11.64"]]);
  });
});
