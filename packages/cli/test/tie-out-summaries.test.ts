import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { csv } from "./report-files.ts";
import { payouts, transactions } from "./tie-out-ledger.ts";
import { type TieOutRunner, tieOutRunner } from "./tie-out-runner.ts";

const october = ["--from=2026-10-02", "--to=2026-10-05T00:00:01Z"];

describe("takings tie-out of summaries", () => {
  let runner: TieOutRunner;

  before(async () => {
    runner = await tieOutRunner();
    await runner.ledger.add(transactions, payouts);
    await runner.ledger.complete("2026-11-01T00:00:00Z");
  });
  after(() => runner.close());

  const header = "reporting_category,currency,count,gross,fee,net";
  const charges = ["charge", "usd", "1", "12.30", "0.66", "11.64"];
  const yen = ["charge", "jpy", "1", "500", "20", "480"];
  const refunds = ["refund", "usd", "1", "-2.30", "0.00", "-2.30"];
  const firstDays = ["--from=2026-10-01", "--to=2026-10-06"];

  it("finds a summary of activity equal", async () => {
    const { files, differences } = await runner.content(csv(header, charges, refunds, yen), ...firstDays);
    expect(differences).to.deep.equal([]);
    expect(files[0]).to.include({ report: "activity-summary", rows: 3, equal: true });
  });

  it("finds what differs in a summary of activity", async () => {
    const counted = ["charge", "usd", "2", "12.31", "0.66", "11.65"];
    const other = ["transfer", "usd", "1", "1.00", "0.00", "1.00"];
    expect(await runner.differences(csv(header, counted, yen, other, yen), ...firstDays)).to.deep.equal([
      [5, "jpy/charge", "duplicate", "charge", null],
      [2, "usd/charge", "count", "2", "1"],
      [2, "usd/charge", "gross", "12.31", "12.30"],
      [2, "usd/charge", "net", "11.65", "11.64"],
      [4, "usd/transfer", "missing_here", "1.00", null],
      [null, "usd/refund", "missing_there", null, "-2.30"],
    ]);
  });

  it("compares the row that adds up the others", async () => {
    const total = (net: string): readonly string[] => ["total", "usd", "2", "10.00", "0.66", net];
    expect(
      await runner.differences(csv(header, charges, refunds, total("9.34"), yen), ...firstDays),
    ).to.deep.equal([]);
    const wrong = await runner.differences(csv(header, charges, refunds, total("9.35"), yen), ...firstDays);
    expect(wrong).to.deep.equal([[4, "usd/total", "net", "9.35", "9.34"]]);
  });

  it("takes days as those of the report's time zone", async () => {
    const days = ["--from=2026-10-02", "--to=2026-10-03"];
    const berlin = await runner.differences(csv(header, refunds), ...days, "--timezone=Europe/Berlin");
    expect(berlin).to.deep.equal([]);
    // That day ends at 10:00 in UTC, an hour before the refund.
    const kiritimati = await runner.differences(csv(header, yen), ...days, "--timezone=Pacific/Kiritimati");
    expect(kiritimati).to.deep.equal([]);
  });

  it("finds a summary of payouts equal, whose categories tell it apart", async () => {
    const rows = [
      ["payout", "usd", "2", "-12.64", "0.00", "-12.64"],
      ["payout_reversal", "usd", "1", "1.00", "0.00", "1.00"],
    ];
    const { files, differences } = await runner.content(
      csv(header, ...rows),
      "--from=2026-10-01",
      "--to=2026-10-07",
    );
    expect(differences).to.deep.equal([]);
    expect(files[0]?.report).to.equal("payouts-summary");
  });

  const balanceHeader = "category,description,net_amount,currency";
  const balance = (payout: string, ending: string): string =>
    csv(
      balanceHeader,
      ["starting_balance", "Starting balance (2026-10-02)", "11.64", "usd"],
      ["activity", "Activity", "-2.30", "usd"],
      ["payouts", "Total payouts", payout, "usd"],
      ["ending_balance", "Ending balance (2026-10-05)", ending, "usd"],
      ["starting_balance", "", "480", "jpy"],
      ["activity", "", "0", "jpy"],
      ["payouts", "", "0", "jpy"],
      ["ending_balance", "", "480", "jpy"],
    );

  it("finds a balance summary equal, with payouts of either sign", async () => {
    for (const payout of ["-12.64", "12.64"]) {
      const { files, differences } = await runner.content(balance(payout, "-3.30"), ...october);
      expect(differences).to.deep.equal([]);
      expect(files[0]).to.include({ report: "balance-summary", rows: 8, equal: true });
    }
  });

  it("finds a cent in the payouts of a balance summary of either sign", async () => {
    for (const [said, expected] of [
      ["-12.65", "-12.64"],
      ["12.63", "12.64"],
    ] as const) {
      const found = await runner.differences(balance(said, "-3.30"), ...october);
      expect(found).to.deep.equal([[4, "usd/payouts", "net", said, expected]]);
    }
  });

  it("finds a cent in the ending balance", async () => {
    const found = await runner.differences(balance("-12.64", "-3.31"), ...october);
    expect(found).to.deep.equal([[5, "usd/ending_balance", "net", "-3.31", "-3.30"]]);
  });

  it("compares the rows of gross amounts and fees of a balance summary, and names rows that it cannot", async () => {
    const rows = [
      ["starting_balance", "", "0.00", "usd"],
      ["starting_balance_available", "", "0.00", "usd"],
      ["activity_gross", "", "12.30", "usd"],
      ["activity_fee", "", "-0.66", "usd"],
      ["activity", "", "11.64", "usd"],
      ["payouts_gross", "", "0.00", "usd"],
      ["payouts_fee", "", "0.00", "usd"],
      ["payouts", "", "0.00", "usd"],
      ["ending_balance", "", "11.64", "usd"],
    ];
    const range = ["--from=2026-10-01", "--to=2026-10-02", "--currency=usd"];
    const { files, differences } = await runner.content(csv(balanceHeader, ...rows), ...range);
    expect(differences).to.deep.equal([]);
    expect(files[0]?.notes).to.deep.equal([
      "starting_balance_available was not compared: it is not part of the ledger",
    ]);
    const wrong = rows.map((row) => (row[0] === "activity_fee" ? ["activity_fee", "", "-0.67", "usd"] : row));
    expect(await runner.differences(csv(balanceHeader, ...wrong), ...range)).to.deep.equal([
      [5, "usd/activity_fee", "net", "-0.67", "-0.66"],
    ]);
  });

  it("finds currencies that only one side has", async () => {
    const rows = [
      ["starting_balance", "", "480", "jpy"],
      ["ending_balance", "", "480", "jpy"],
      ["ending_balance", "", "5.00", "chf"],
    ];
    expect(await runner.differences(csv(balanceHeader, ...rows), ...october)).to.deep.equal([
      [4, "chf/ending_balance", "missing_here", "5.00", null],
      [null, "usd/starting_balance", "missing_there", null, "11.64"],
      [null, "usd/activity", "missing_there", null, "-2.30"],
      [null, "usd/payouts", "missing_there", null, "-12.64"],
      [null, "usd/ending_balance", "missing_there", null, "-3.30"],
    ]);
  });

  it("asks for the range of a summary", async () => {
    expect(await runner.error(csv(header, charges))).to.match(/is a summary.*give --from and --to$/);
  });
});
