import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { csv } from "./report-files.ts";
import { type TieOutRunner, tieOutRunner } from "./tie-out-runner.ts";

const transaction = {
  category: "charge",
  currency: "usd",
  gross: 100n,
  fee: 0n,
  created: "2026-10-01 09:00:00",
  availableOn: "2026-10-03 00:00:00",
} as const;

/** A report of the transactions with these ids. */
function reportOf(...ids: readonly string[]): string {
  return csv(
    "balance_transaction_id,created_utc,currency,net",
    ...ids.map((id) => [id, transaction.created, "usd", "1.00"]),
  );
}

describe("the scope of takings tie-out", () => {
  let runner: TieOutRunner;

  before(async () => {
    runner = await tieOutRunner();
    await runner.ledger.add([
      { ...transaction, id: "txn_platform" },
      { ...transaction, id: "txn_test", livemode: false },
      { ...transaction, id: "txn_connected", account: "acct_1A" },
      { ...transaction, id: "txn_shop", ofSource: "shop" },
    ]);
    await runner.ledger.complete("2026-11-01T00:00:00Z");
    await runner.ledger.complete("2026-10-25T00:00:00Z", null, "shop");
    await runner.ledger.admin.query("select takings.register_source('shop', 'acct_shop')");
    await runner.ledger.admin.query(
      `insert into takings.balance_syncs (source, account, livemode, complete_through, complete_recorded_at)
       values ('default', 'acct_1A', true, '2026-10-20Z', now()), ('default', '', false, '2026-11-01Z', now())`,
    );
  });
  after(() => runner.close());

  const scopes: Readonly<Record<string, readonly [readonly string[], readonly string[]]>> = {
    "the platform in live mode": [[], ["txn_platform"]],
    "test mode": [["--livemode=false"], ["txn_test"]],
    "a connected account": [["--account=acct_1A"], ["txn_connected"]],
    "all accounts": [["--account=*"], ["txn_connected", "txn_platform"]],
    "another source": [["--source=shop"], ["txn_shop"]],
    "another source by the id of its account": [["--source=shop", "--account=acct_shop"], ["txn_shop"]],
  };
  for (const [name, [options, ids]] of Object.entries(scopes)) {
    it(`is ${name} with ${options.join(" ") || "no option"}`, async () => {
      expect(await runner.differences(reportOf(...ids), ...options)).to.deep.equal([]);
      const others = ["txn_connected", "txn_platform", "txn_shop", "txn_test"].filter(
        (id) => !ids.includes(id),
      );
      const found = await runner.differences(reportOf(...ids, ...others), ...options);
      expect(found.map(([, id, kind]) => [id, kind])).to.deep.equal(others.map((id) => [id, "missing_here"]));
    });
  }

  it("is complete through the earliest time of its accounts", async () => {
    const to = "--to=2026-10-25";
    expect(await runner.differences(reportOf("txn_platform"), to)).to.deep.equal([]);
    expect(await runner.error(reportOf("txn_platform", "txn_connected"), to, "--account=*")).to.match(
      /of all accounts \(live mode\) is complete through 2026-10-20T00:00:00Z only/,
    );
  });

  it("finds what any account has and the file has not", async () => {
    expect(await runner.differences(reportOf("txn_platform"), "--account=*")).to.deep.equal([
      [null, "txn_connected", "missing_there", null, "1.00"],
    ]);
  });
});
