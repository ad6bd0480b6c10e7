import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { csv } from "./report-files.ts";
import { payouts, transactions } from "./tie-out-ledger.ts";
import { type TieOutRunner, tieOutRunner } from "./tie-out-runner.ts";

const header = "automatic_payout_id,balance_transaction_id,created_utc,currency,net";
const members = [
  ["po_1", "txn_1", "2026-10-01 09:00:00", "usd", "11.64"],
  ["po_1", "txn_m2", "2026-09-20 09:00:00", "usd", "0.00"],
];
const absent = {
  amount: 100n,
  currency: "usd",
  status: "paid",
  automatic: true,
  arrival: "2026-10-07 00:00:00",
  traceId: null,
} as const;

/** A transaction of a payout. */
const memberOf = (payout: string, currency = "usd"): (typeof transactions)[number] => ({
  id: `txn_of_${payout}_${currency}`,
  category: "charge",
  currency,
  gross: 100n,
  fee: 0n,
  created: "2026-10-02 09:00:00",
  availableOn: "2026-10-04 09:00:00",
  payout,
});

describe("takings tie-out of a payout reconciliation in a range", () => {
  let runner: TieOutRunner;

  before(async () => {
    runner = await tieOutRunner();
    await runner.ledger.add(transactions, payouts);
    await runner.ledger.add(
      [memberOf("po_absent"), memberOf("po_absent", "eur"), memberOf("po_manual"), memberOf("po_open")],
      [
        { ...absent, id: "po_absent" },
        { ...absent, id: "po_manual", automatic: false },
        { ...absent, id: "po_open" },
      ],
    );
    await runner.ledger.admin.query(
      "update takings.payouts set reconciliation_status = 'in_progress' where id = 'po_open'",
    );
    await runner.ledger.complete("2026-11-01T00:00:00Z");
  });
  after(() => runner.close());

  const report = csv(header, ...members);
  const week = ["--from=2026-10-05", "--to=2026-10-08"];

  it("finds the members of a payout of the range that the file does not name", async () => {
    expect(await runner.differences(report, ...week)).to.deep.equal([
      [null, "txn_of_po_absent_eur", "missing_there", null, "1.00"],
      [null, "txn_of_po_absent_usd", "missing_there", null, "1.00"],
    ]);
    expect(await runner.differences(report, ...week, "--currency=usd")).to.deep.equal([
      [null, "txn_of_po_absent_usd", "missing_there", null, "1.00"],
    ]);
    const empty = ["--report=payout-reconciliation", "--currency=eur"];
    expect(await runner.differences(csv(header), ...week, ...empty)).to.deep.equal([
      [null, "txn_of_po_absent_eur", "missing_there", null, "1.00"],
    ]);
  });

  it("compares no payout outside of the range that the file does not name", async () => {
    for (const range of [
      ["--from=2026-10-05", "--to=2026-10-07"],
      ["--from=2026-10-07T00:00:01Z", "--to=2026-10-09"],
      [],
    ])
      expect(await runner.differences(report, ...range)).to.deep.equal([]);
  });

  it("compares a payout that the file names whole, also outside of the range", async () => {
    const [first = []] = members;
    expect(
      await runner.differences(csv(header, first), "--from=2026-10-08", "--to=2026-10-09"),
    ).to.deep.equal([[null, "txn_m2", "missing_there", null, "0.00"]]);
  });
});
