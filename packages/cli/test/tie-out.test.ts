import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { csv } from "./report-files.ts";
import { payouts, transactions } from "./tie-out-ledger.ts";
import { type TieOutRunner, tieOutRunner } from "./tie-out-runner.ts";

const activityHeader =
  "balance_transaction_id,created_utc,available_on_utc,currency,gross,fee,net,reporting_category,description";
const charge = [
  "txn_1",
  "2026-10-01 09:00:00",
  "2026-10-03 00:00:00",
  "usd",
  "12.30",
  "0.66",
  "11.64",
  "charge",
  "",
];
const yen = ["txn_2", "2026-10-01 10:00:00", "2026-10-03 00:00:00", "jpy", "500", "20", "480", "charge", ""];
const refund = [
  "txn_3",
  "2026-10-02 11:00:00",
  "2026-10-02 11:00:00",
  "usd",
  "-2.30",
  "0.00",
  "-2.30",
  "refund",
  "",
];
const rows = [charge, yen, refund];

/** A row with other cells. */
function withCells(row: readonly string[], cells: Readonly<Record<number, string>>): readonly string[] {
  return row.map((cell, index) => cells[index] ?? cell);
}

describe("takings tie-out", () => {
  let runner: TieOutRunner;

  before(async () => {
    runner = await tieOutRunner();
    await runner.ledger.add(transactions, payouts);
    await runner.ledger.complete("2026-11-01T00:00:00Z");
  });
  after(() => runner.close());

  const differencesOf: TieOutRunner["differences"] = (...args) => runner.differences(...args);
  const tieOut: TieOutRunner["content"] = (...args) => runner.content(...args);

  it("finds an activity report equal", async () => {
    const { code, files, differences } = await tieOut(csv(activityHeader, ...rows));
    expect(files[0]).to.include({ report: "activity", rows: 3, equal: true });
    expect(differences).to.deep.equal([]);
    expect(code).to.equal(0);
  });

  it("reads amounts by what they mean, in any number of decimals", async () => {
    const shortened = withCells(charge, { 4: "12.3", 5: "0.660" });
    const padded = withCells(yen, { 4: "500.00", 5: "20.00", 6: "480.0" });
    expect(await differencesOf(csv(activityHeader, shortened, padded, refund))).to.deep.equal([]);
  });

  it("finds columns by name, in any order and case", async () => {
    const header = "Fee,net,Balance_Transaction_ID,created_utc,currency,extra";
    const row = (cells: readonly string[]): string[] => [5, 6, 0, 1, 3, 8].map((index) => cells[index] ?? "");
    expect(await differencesOf(csv(header, ...rows.map(row)))).to.deep.equal([]);
  });

  const mutations: Readonly<Record<string, readonly [Readonly<Record<number, string>>, readonly unknown[]]>> =
    {
      gross: [{ 4: "12.31" }, ["12.31", "12.30"]],
      fee: [{ 5: "0.65" }, ["0.65", "0.66"]],
      net: [{ 6: "11.6" }, ["11.6", "11.64"]],
      currency: [{ 3: "eur" }, ["eur", "usd"]],
      created: [{ 1: "2026-10-01 09:00:01" }, ["2026-10-01 09:00:01", "2026-10-01 09:00:00"]],
      available_on: [{ 2: "2026-10-04 00:00:00" }, ["2026-10-04 00:00:00", "2026-10-03 00:00:00"]],
      reporting_category: [{ 7: "refund" }, ["refund", "charge"]],
    };
  for (const [kind, [cells, said]] of Object.entries(mutations)) {
    it(`finds that only ${kind} differs`, async () => {
      const found = await differencesOf(csv(activityHeader, withCells(charge, cells), yen, refund));
      expect(found).to.deep.equal([[2, "txn_1", kind, ...said]]);
    });
  }

  it("finds times and categories that the file leaves out", async () => {
    const emptied = withCells(charge, { 1: "", 2: "", 7: "" });
    const found = await differencesOf(csv(activityHeader, emptied, yen, refund), "--from=2026-10-01");
    expect(found).to.deep.equal([
      [2, "txn_1", "created", null, "2026-10-01 09:00:00"],
      [2, "txn_1", "available_on", null, "2026-10-03 00:00:00"],
      [2, "txn_1", "reporting_category", null, "charge"],
    ]);
  });

  it("finds only the currency different where the two have other decimals", async () => {
    const found = await differencesOf(csv(activityHeader, withCells(charge, { 3: "jpy" }), yen, refund));
    expect(found).to.deep.equal([[2, "txn_1", "currency", "jpy", "usd"]]);
  });

  it("finds rows that the ledger does not have", async () => {
    const found = await differencesOf(csv(activityHeader, ...rows, withCells(charge, { 0: "txn_other" })));
    expect(found).to.deep.equal([[5, "txn_other", "missing_here", "11.64", null]]);
  });

  it("finds transactions in the file's range that the file does not have", async () => {
    const found = await differencesOf(csv(activityHeader, charge, refund));
    expect(found).to.deep.equal([[null, "txn_2", "missing_there", null, "480"]]);
  });

  it("finds rows that occur twice, at the line on which they begin", async () => {
    const long = withCells(charge, { 8: 'two\r\nlines, "quoted"' });
    const found = await differencesOf(csv(activityHeader, long, yen, refund, charge));
    expect(found).to.deep.equal([[6, "txn_1", "duplicate", "txn_1", null]]);
  });

  it("looks for missing transactions in the range that is given", async () => {
    const found = await differencesOf(
      csv(activityHeader, charge, yen),
      "--from=2026-10-01",
      "--to=2026-10-02T11:00:00Z",
    );
    expect(found).to.deep.equal([]);
    const wider = await differencesOf(
      csv(activityHeader, charge, yen),
      "--from=2026-10-01",
      "--to=2026-10-03",
    );
    expect(wider).to.deep.equal([[null, "txn_3", "missing_there", null, "-2.30"]]);
  });

  it("looks only for the currency and the category for which a report was exported", async () => {
    const onlyUsd = csv(activityHeader, charge, refund);
    expect(await differencesOf(onlyUsd, "--currency=USD")).to.deep.equal([]);
    expect(
      await differencesOf(
        csv(activityHeader, charge),
        "--to=2026-10-03",
        "--currency=usd",
        "--reporting-category=charge",
      ),
    ).to.deep.equal([]);
  });

  it("reads columns that do not end in _utc in the time zone of the report", async () => {
    const header = "balance_transaction_id,created,available_on,currency,gross";
    const local = [
      ["txn_1", "2026-10-01 11:00:00", "2026-10-03 02:00:00", "usd", "12.30"],
      ["txn_2", "2026-10-01 12:00", "2026-10-03", "jpy", "500"],
      ["txn_3", "2026-10-02 13:00:00", "2026-10-02 13:00:00", "usd", "-2.30"],
    ];
    expect(await differencesOf(csv(header, ...local), "--timezone=Europe/Berlin")).to.deep.equal([]);
    const found = await differencesOf(csv(header, ...local));
    expect(found).to.deep.include([2, "txn_1", "created", "2026-10-01 11:00:00", "2026-10-01 09:00:00"]);
  });

  it("accepts both readings of a clock that was set back", async () => {
    const header = "balance_transaction_id,created,currency,net";
    const night = ["txn_n1", "txn_n2"].map((id) => [id, "2026-10-25 02:30:00", "usd", "1.00"]);
    expect(await differencesOf(csv(header, ...night), "--timezone=Europe/Berlin")).to.deep.equal([]);
  });

  it("looks for missing transactions in the whole of a day of 25 hours", async () => {
    // 23:30 in Berlin, 25 hours after that day began.
    const lateNight = { ...transactions.at(-1), id: "txn_n3", created: "2026-10-25 22:30:00" };
    await runner.ledger.add([lateNight as (typeof transactions)[number]]);
    const header = "balance_transaction_id,created,currency,net";
    const night = ["txn_n1", "txn_n2"].map((id) => [id, "2026-10-25", "usd", "1.00"]);
    expect(await differencesOf(csv(header, ...night), "--timezone=Europe/Berlin")).to.deep.equal([
      [null, "txn_n3", "missing_there", null, "1.00"],
    ]);
  });

  const payoutsHeader =
    "payout_id,effective_at_utc,currency,gross,fee,net,reporting_category,balance_transaction_id,payout_status,trace_id";
  const automatic = [
    "po_1",
    "2026-10-05 00:00:00",
    "usd",
    "-11.64",
    "0",
    "-11.64",
    "payout",
    "txn_po1",
    "paid",
    "TR1",
  ];
  const manual = [
    "po_2",
    "2026-10-04 08:00:00",
    "usd",
    "-1.00",
    "0.00",
    "-1.00",
    "payout",
    "txn_po2",
    "failed",
    "",
  ];
  const returned = [
    "po_2",
    "2026-10-06 08:00:00",
    "usd",
    "1.00",
    "0.00",
    "1.00",
    "payout_reversal",
    "txn_re2",
    "failed",
    "",
  ];

  it("compares payouts by the moment at which they leave the balance", async () => {
    const { files, differences } = await tieOut(csv(payoutsHeader, manual, automatic, returned));
    expect(differences).to.deep.equal([]);
    expect(files[0]).to.include({ report: "payouts", rows: 3, equal: true });
  });

  it("finds what differs in payouts", async () => {
    const mutated = withCells(automatic, { 0: "po_9", 1: "2026-10-05 00:00:01", 8: "pending", 9: "TR2" });
    expect(await differencesOf(csv(payoutsHeader, manual, mutated, returned))).to.deep.equal([
      [3, "txn_po1", "created", "2026-10-05 00:00:01", "2026-10-05 00:00:00"],
      [3, "txn_po1", "payout", "po_9", "po_1"],
      [3, "txn_po1", "payout_status", "pending", "paid"],
      [3, "txn_po1", "trace_id", "TR2", "TR1"],
    ]);
    const missing = await differencesOf(csv(payoutsHeader, manual, returned));
    expect(missing).to.deep.equal([[null, "txn_po1", "missing_there", null, "-11.64"]]);
  });

  const membersHeader =
    "automatic_payout_id,automatic_payout_effective_at_utc,balance_transaction_id,created_utc,currency,net,trace_id";
  const member = ["po_1", "2026-10-05 00:00:00", "txn_1", "2026-10-01 09:00:00", "usd", "11.64", "TR1"];
  const second = ["po_1", "2026-10-05 00:00:00", "txn_m2", "2026-09-20 09:00:00", "usd", "0.00", "TR1"];

  it("compares the payouts that a payout reconciliation names, whole", async () => {
    const { files, differences } = await tieOut(csv(membersHeader, member, second));
    expect(differences).to.deep.equal([]);
    expect(files[0]).to.include({ report: "payout-reconciliation", equal: true });
    const missing = await differencesOf(csv(membersHeader, member));
    expect(missing).to.deep.equal([[null, "txn_m2", "missing_there", null, "0.00"]]);
  });

  it("accepts the payout's own transaction in a payout reconciliation", async () => {
    const own = ["po_1", "2026-10-05 00:00:00", "txn_po1", "2026-10-03 00:00:00", "usd", "-11.64", "TR1"];
    expect(await differencesOf(csv(membersHeader, member, second, own))).to.deep.equal([]);
  });

  it("finds what differs about the payout of a transaction", async () => {
    const dated = withCells(member, { 1: "2026-10-06 00:00:00", 6: "" });
    expect(await differencesOf(csv(membersHeader, dated, second))).to.deep.equal([
      [2, "txn_1", "payout", "2026-10-06 00:00:00", "2026-10-05 00:00:00"],
      [2, "txn_1", "trace_id", null, "TR1"],
    ]);
    const moved = withCells(member, { 0: "po_7" });
    expect(await differencesOf(csv(membersHeader, moved, second))).to.deep.equal([
      [2, "txn_1", "payout", "po_7", "po_1"],
    ]);
  });

  it("takes a file for the report that it is said to be", async () => {
    const { files, differences } = await tieOut(
      csv(membersHeader, member),
      "--report=activity",
      "--currency=usd",
      "--to=2026-10-02",
    );
    expect(files[0]?.report).to.equal("activity");
    expect(differences).to.deep.equal([]);
  });

  it("compares nothing with transactions of other balances", async () => {
    const found = await differencesOf(csv(activityHeader, charge), "--from=2026-09-10", "--to=2026-09-12");
    expect(found).to.deep.equal([]);
  });
});
