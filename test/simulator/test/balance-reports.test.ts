import { expect } from "chai";
import { describe, it } from "mocha";
import { createBalanceLife } from "../src/balance/create-life.ts";
import { itemizedReport, reportColumns } from "../src/balance/reports/itemized-report.ts";
import { missedMutation, type TieOutAnswer } from "../src/balance/reports/find-mutation.ts";
import { type MutationKind, mutateReport } from "../src/balance/reports/mutate-report.ts";
import { mutatedReportFiles, reportFiles } from "../src/balance/reports/report-files.ts";
import { summaryReport } from "../src/balance/reports/summary-report.ts";
import { createRandom } from "../src/random.ts";

const from = Date.UTC(2025, 0, 1) / 1_000;
const life = createBalanceLife({ seed: 6, from, days: 40, transactions: 1_500 });
const range = { from: from + 5 * 86_400, to: from + 25 * 86_400, at: life.to + 30 * 86_400 };

function rows(lines: Iterable<string>): Record<string, string>[] {
  const [header = "", ...rest] = lines;
  const names = header.trimEnd().split(",");
  // Enough for columns before the description, which may have commas of its own.
  return rest.map((line) => {
    const values = line.trimEnd().split(",");
    return Object.fromEntries(names.map((name, index) => [name, values[index] ?? ""]));
  });
}

function sum(lines: readonly Record<string, string>[], column: string): bigint {
  return lines
    .filter((row) => row["currency"] === "kwd")
    .reduce((total, row) => total + BigInt((row[column] ?? "").replace(".", "")), 0n);
}

describe("a report of a balance life", () => {
  it("has the activity and the payouts that its summaries count", () => {
    for (const report of ["activity", "payouts"] as const) {
      const summary = rows(summaryReport(life, `${report}-summary`, range));
      const columns = ["currency", "net", "fee", "reporting_category"];
      const itemized = rows(itemizedReport(life, report, range, { columns }));
      expect(itemized.length).to.equal(summary.reduce((total, row) => total + Number(row["count"]), 0));
      for (const column of ["net", "fee"]) expect(sum(itemized, column)).to.equal(sum(summary, column));
    }
  });

  it("has a balance summary of which starting balance, activity and payouts make the ending balance", () => {
    const minor = (text: string | undefined): bigint => BigInt((text ?? "").replace(".", ""));
    const amounts = new Map(
      rows(summaryReport(life, "balance-summary", range)).map((row) => [
        `${row["currency"]} ${row["category"]}`,
        minor(row["net_amount"]),
      ]),
    );
    for (const currency of life.currencies) {
      const of = (category: string): bigint => amounts.get(`${currency} ${category}`) ?? 0n;
      expect(of("starting_balance") + of("activity") + of("payouts")).to.equal(of("ending_balance"));
    }
  });

  it("has members of payouts that add up to the payout", () => {
    const [columns] = reportColumns["payout-reconciliation"];
    const members = rows(itemizedReport(life, "payout-reconciliation", range, columns && { columns }));
    const payout = life.payoutsOf(8).find(({ automatic, currency }) => automatic && currency === "usd");
    const net = members
      .filter((row) => row["automatic_payout_id"] === payout?.id)
      .reduce((total, row) => total + BigInt((row["net"] ?? "").replace(".", "")), 0n);
    expect(net).to.equal(payout?.amount);
  });

  it("writes times in UTC and in the requested zone", () => {
    const columns = ["created_utc", "created"];
    const [row] = rows(itemizedReport(life, "activity", range, { columns, timezone: "Asia/Kathmandu" }));
    const time = (text: string | undefined): number => Date.parse(`${text?.replace(" ", "T")}Z`);
    expect(time(row?.["created"]) - time(row?.["created_utc"])).to.equal((5 * 60 + 45) * 60_000);
  });

  it("is changed in one place by a mutation, which names it", () => {
    const lines = [...itemizedReport(life, "activity", range)];
    const random = createRandom(3);
    const kinds: MutationKind[] = [
      "gross",
      "fee",
      "net",
      "created",
      "available_on",
      "currency",
      "reporting_category",
    ];
    for (const kind of kinds) {
      const mutated = mutateReport(lines, kind, random);
      const changed = mutated?.lines.flatMap((line, index) => (line === lines[index] ? [] : [index]));
      expect(changed, kind).to.have.length(1);
      const index = changed?.[0] ?? 0;
      expect(mutated?.mutation.line).to.equal(lines.slice(0, index).join("").split("\n").length);
      expect(mutated?.lines[index]).to.include(mutated?.mutation.id);
    }
    expect(mutateReport(lines, "missing_there", random)?.lines).to.have.length(lines.length - 1);
    for (const kind of ["missing_here", "duplicate"] as const)
      expect(mutateReport(lines, kind, random)?.lines).to.have.length(lines.length + 1);
  });

  it("has lines on which no row begins, because a description contains a line end", () => {
    const text = [...itemizedReport(life, "activity", range)];
    expect(text.join("").split("\n").length - 1).to.be.greaterThan(text.length);
  });

  it("is missed by an answer that does not name its change, or names another one beside it", () => {
    const files = reportFiles(life, range, { timezone: "UTC", seed: 1 });
    for (const file of mutatedReportFiles(files, 20, createRandom(4))) {
      const { kind, id, line, after } = file.mutation;
      const named = {
        file: `reports/${file.name}`,
        line: kind === "missing_there" ? null : line,
        id,
        kind,
        file_says: after ?? null,
      };
      const answer = (...differences: (typeof named)[]): TieOutAnswer => ({ files: [], differences });
      expect(missedMutation(answer(named), file)).to.equal(undefined);
      expect(missedMutation(answer(), file)).to.include("is not found");
      expect(missedMutation(answer({ ...named, line: line + 1 }), file)).to.include("is not found");
      expect(missedMutation(answer(named, { ...named, kind: "fee" }), file)).to.include("2 differences");
    }
  });
});
