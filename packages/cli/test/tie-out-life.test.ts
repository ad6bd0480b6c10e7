import { createPaymentService } from "@takings/domain";
import { createPaymentWriter, createPool } from "@takings/postgres";
import {
  type BalanceLife,
  createBalanceLife,
  createRandom,
  itemizedReport,
  type MutationKind,
  mutateReport,
  payoutAt,
  reportColumns,
  summaryReport,
  transactionAt,
} from "@takings/simulator";
import { type BalanceObject, balanceReading, toEventRecord } from "@takings/wire";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { type TieOutRunner, tieOutRunner } from "./tie-out-runner.ts";

/** How many changes of reports are tried. A thousand take some minutes. */
const cases = Number(process.env["FUZZ_CASES"] ?? 10);

const dayLength = 86_400;
const from = Date.UTC(2025, 0, 1) / 1_000;
const at = from + 200 * dayLength;
const zone = "America/New_York";

/** Everything of a life as Stripe's API shows it at the end, with the members of its automatic payouts. */
function* readings(life: BalanceLife): Generator<BalanceObject> {
  for (let day = 0; day < life.days; day += 1) {
    for (const payout of life.payoutsOf(day)) yield { kind: "payout", object: payoutAt(payout, at, true) };
    for (const transaction of life.transactionsOf(day)) {
      const { payout } = transaction;
      const object = transactionAt(transaction, at);
      yield { kind: "transaction", object, ...(payout !== null && { payout }) };
    }
  }
}

describe("takings tie-out of the reports of a generated balance", function () {
  this.timeout(1_800_000);
  let runner: TieOutRunner;
  const options = { from, days: 60, transactions: 500, tag: "00abc" };
  const life = createBalanceLife({ seed: 17, ...options });
  /** Another source, whose transactions and payouts have the same ids. */
  const ofShop = createBalanceLife({ seed: 18, ...options });
  const range = { from: from + 10 * dayLength, to: from + 40 * dayLength, at };
  const bounds = ["--from=2025-01-11", "--to=2025-02-10"];

  before(async () => {
    runner = await tieOutRunner();
    const url = runner.ledger.database.writerUrl;
    const writing = createPool({
      url,
      name: "test",
      max: 1,
      statementTimeoutMs: 60_000,
      onIdleError: () => {},
    });
    const [writer, payments] = [createPaymentWriter(writing), createPaymentService()];
    const time = { round: new Date(at * 1_000), at: new Date(at * 1_000) };
    const origin = { livemode: true, account: null, apiVersion: "2025-01-27" };
    for (const [source, lived] of [
      ["default", life],
      ["shop", ofShop],
    ] as const) {
      const records = [...readings(lived)].map((object) => {
        const { body } = balanceReading(object, origin, time);
        return toEventRecord({ source, body, receivedAt: new Date() }, payments);
      });
      for (let start = 0; start < records.length; start += 200)
        await writer.record(records.slice(start, start + 200));
      await runner.ledger.complete("2025-07-20T00:00:00Z", null, source);
    }
    await writing.end();
  });
  after(() => runner.close());

  for (const report of ["activity", "payouts", "payout-reconciliation"] as const)
    for (const [version, columns] of reportColumns[report].entries())
      it(`finds version ${version + 1} of ${report} equal, in another time zone`, async () => {
        const lines = [...itemizedReport(life, report, range, { columns, timezone: zone })];
        const { code, files, differences } = await runner.content(lines.join(""), `--timezone=${zone}`);
        expect(differences).to.deep.equal([]);
        expect(files[0]).to.include({ report, rows: lines.length - 1, equal: true });
        expect(code).to.equal(0);
      });

  for (const report of ["balance-summary", "activity-summary", "payouts-summary"] as const)
    it(`finds the ${report} equal`, async () => {
      const lines = summaryReport(life, report, range);
      const { files, differences } = await runner.content(lines.join(""), ...bounds);
      expect(differences).to.deep.equal([]);
      expect(files[0]).to.include({ report, rows: lines.length - 1, equal: true });
    });

  it("finds each report of another source equal to its own ledger only", async () => {
    const reports = [
      [...itemizedReport(ofShop, "activity", range)],
      [...itemizedReport(ofShop, "payouts", range)],
      [...itemizedReport(ofShop, "payout-reconciliation", range)],
      summaryReport(ofShop, "balance-summary", range),
    ];
    for (const lines of reports) {
      const text = lines.join("");
      expect(await runner.differences(text, ...bounds, "--source=shop")).to.deep.equal([]);
      expect(await runner.differences(text, ...bounds)).to.not.deep.equal([]);
    }
  });

  it("names each single change of a report", async () => {
    const random = createRandom(Number(process.env["SEED"] ?? 5));
    const kinds: readonly MutationKind[] = [
      "gross",
      "fee",
      "net",
      "currency",
      "created",
      "available_on",
      "reporting_category",
      "payout",
      "count",
      "trace_id",
      "payout_status",
      "missing_there",
      "missing_here",
      "duplicate",
    ];
    const reports = [
      { name: "activity", lines: [...itemizedReport(life, "activity", range)] },
      { name: "payouts", lines: [...itemizedReport(life, "payouts", range)] },
      { name: "payout-reconciliation", lines: [...itemizedReport(life, "payout-reconciliation", range)] },
      { name: "balance-summary", lines: summaryReport(life, "balance-summary", range) },
      { name: "activity-summary", lines: summaryReport(life, "activity-summary", range) },
      { name: "payouts-summary", lines: summaryReport(life, "payouts-summary", range) },
    ];
    for (let tried = 0; tried < cases; ) {
      const { name, lines } = random.pick(reports);
      const kind = random.pick(kinds);
      const mutated = mutateReport(lines, kind, random);
      // In a summary a changed currency or category is another row.
      const isKey = kind === "currency" || kind === "reporting_category";
      if (mutated === undefined || (name.endsWith("-summary") && isKey)) continue;
      tried += 1;
      const { id, line } = mutated.mutation;
      const found = await runner.differences(mutated.lines.join(""), ...bounds, `--report=${name}`);
      const what = `${name}: ${JSON.stringify(mutated.mutation)} is found as ${JSON.stringify(found)}`;
      expect(found, what).to.have.length(1);
      const place = kind === "missing_there" ? null : line;
      expect(found[0]?.slice(0, 3), what).to.deep.equal([place, id, kind]);
    }
  });
});
