import { chmod, rm } from "node:fs/promises";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { csv } from "./report-files.ts";
import { takings } from "./takings.ts";
import { payouts, transactions } from "./tie-out-ledger.ts";
import { type TieOutRunner, tieOutRunner } from "./tie-out-runner.ts";

const header = "balance_transaction_id,created_utc,currency,gross,fee,net,reporting_category";
const rows = [
  ["txn_1", "2026-10-01 09:00:00", "usd", "12.30", "0.66", "11.64", "charge"],
  ["txn_2", "2026-10-01 10:00:00", "jpy", "500", "20", "480", "charge"],
];
const good = csv(header, ...rows);

/** Permissions of files do not hold for root. */
async function asOrdinaryUser<Result>(action: () => Promise<Result>): Promise<Result> {
  if (process.geteuid?.() !== 0) return action();
  process.seteuid?.(65_534);
  try {
    return await action();
  } finally {
    process.seteuid?.(0);
  }
}

describe("files that takings tie-out is given", () => {
  let runner: TieOutRunner;

  before(async () => {
    runner = await tieOutRunner();
    await runner.ledger.add(transactions, payouts);
    await runner.ledger.complete("2026-11-01T00:00:00Z");
  });
  after(() => runner.close());

  const broken: Readonly<Record<string, readonly [string | Uint8Array, RegExp]>> = {
    "with a decimal comma": [
      good.replace("12.30", '"12,30"'),
      /says "12,30" in gross on line 2: .*decimal point/,
    ],
    "with thousands separators": [good.replace("12.30", '"1,012.30"'), /says "1,012.30" in gross on line 2/],
    "with a decimal comma in a row that the ledger does not have": [
      csv(header, ...rows, ["txn_other", "2026-10-01 09:00:00", "usd", "12.30", "0,66", "11.64", "charge"]),
      /says "0,66" in fee on line 4/,
    ],
    "with thousands separators in a row that occurs twice": [
      csv(header, ...rows, ["txn_1", "2026-10-01 09:00:00", "usd", "12.30", "0.66", "1,011.64", "charge"]),
      /says "1,011.64" in net on line 4/,
    ],
    "with a decimal comma in what the customer of an unknown payment paid": [
      csv(
        `${header},payment_intent_id,customer_facing_amount,customer_facing_currency`,
        ...rows.map((row) => [...row, "pi_unknown", "12,30", "usd"]),
      ),
      /says "12,30" in customer_facing_amount on line 2/,
    ],
    "with too many decimals": [
      good.replace("12.30", "12.305"),
      /"12.305" in gross on line 2, which is no amount of usd/,
    ],
    "with an amount left out": [good.replace("12.30", ""), /says nothing in gross on line 2/],
    "separated by semicolons": [
      good.replaceAll(",", ";"),
      /has columns separated by ";"; export it again with commas/,
    ],
    "separated by tabs": [good.replaceAll(",", "\t"), /has columns separated by tabs/],
    "in UTF-16": [Buffer.from(`\ufeff${good}`, "utf16le"), /is UTF-16 text; save it as UTF-8/],
    "in UTF-16 without a mark": [Buffer.from(good, "utf16le"), /is UTF-16 text/],
    "in another encoding": [
      Buffer.from(good.replace("charge", "Stra\u00dfe"), "latin1"),
      /is not UTF-8 text/,
    ],
    "that is empty": ["", /is empty; download the report again/],
    "that is binary": [
      Buffer.from([0x50, 0x4b, 3, 4, 20, 0, 8, 0, 8, 0]),
      /is not text; download the report as CSV/,
    ],
    "that is not CSV": ["<!doctype html><title>Sign in</title>", /is not a CSV export of Stripe/],
    "cut off in a row": [good.slice(0, -12), /has 5 columns on line 3 and 7 in its header: it is cut off/],
    "cut off in a quoted value": [
      `${good}txn_3,"2026-10`,
      /a quoted value near line 4 never ends: the file is cut off/,
    ],
    "with a quote in the wrong place": [good.replace("usd", '"us"d'), /near line 2 is no CSV/],
    "that is another export": [
      "id,Description,Amount\nch_1,x,1\n",
      /is none of the reports.*balance_transaction_id/,
    ],
    "with a time of another form": [
      good.replace("2026-10-01 09:00:00", "10/1/2026 9:00"),
      /says "10\/1\/2026 9:00" in created_utc on line 2, which is no time/,
    ],
    "with an impossible date": [good.replace("2026-10-01 09", "2026-09-31 09"), /says "2026-09-31 09:00:00"/],
    "with no known id": [
      good.replaceAll("txn_", "txn_of_another_"),
      /none of its 2 rows is known.*check --source, --account/,
    ],
    "without rows": [csv(header), /has no rows, so its range is unknown; give --from and --to/],
  };
  for (const [which, [content, reason]] of Object.entries(broken)) {
    it(`rejects a file ${which}`, async () => {
      const error = await runner.error(content);
      expect(error).to.match(reason);
      expect(error).to.match(/^\S+report\.csv [^\n]+$/);
    });
  }

  it("rejects a folder and a file that does not exist", async () => {
    const { code, files } = await runner.paths([runner.folder.path, `${runner.folder.path}/none.csv`]);
    expect(code).to.equal(1);
    expect(files.map(({ error }) => error)).to.deep.equal([
      `${runner.folder.path} is a folder; name the CSV files in it`,
      `${runner.folder.path}/none.csv does not exist; check the path`,
    ]);
  });

  it("rejects a file that may not be read, and compares the next one", async () => {
    const secret = await runner.folder.write("secret.csv", good);
    const readable = await runner.folder.write("readable.csv", good);
    await chmod(secret, 0);
    await chmod(runner.folder.path, 0o755);
    const { code, files } = await asOrdinaryUser(() => runner.paths([secret, readable]));
    expect(code).to.equal(1);
    expect(files.map(({ error, equal }) => [error, equal])).to.deep.equal([
      [`${secret} cannot be read (EACCES); check the file and its permissions`, false],
      [undefined, true],
    ]);
  });

  it("rejects a file that lacks columns of the report that it is said to be", async () => {
    const error = await runner.error(good, "--report=payout-reconciliation");
    expect(error).to.match(/lacks the column\(s\) automatic_payout_id of the report payout-reconciliation/);
  });

  it("reads a file with a byte order mark, empty lines and other line ends", async () => {
    const contents = [
      `\ufeff${good}`,
      `${good}\n\n`,
      `${good},,,,,,\n  \n`,
      `\n${good}`,
      good.replaceAll("\n", "\r\n"),
      good.trimEnd(),
    ];
    for (const content of contents) {
      const { files } = await runner.content(content);
      expect(files[0]).to.include({ rows: 2, equal: true });
    }
  });

  it("compares a file without rows in a range that is given", async () => {
    expect(await runner.differences(csv(header), "--from=2026-10-10", "--to=2026-10-20")).to.deep.equal([]);
    const missing = await runner.differences(csv(header), "--from=2026-10-01", "--to=2026-10-02");
    expect(missing.map(([, id]) => id)).to.deep.equal(["txn_1", "txn_2"]);
  });

  it("ends with the worst result of its files", async () => {
    const different = await runner.folder.write("different.csv", good.replace("12.30", "12.31"));
    const equal = await runner.folder.write("equal.csv", good);
    const wrong = await runner.folder.write("wrong.csv", "not,it\n");
    expect(await runner.paths([equal, different])).to.include({ code: 2 });
    const { code, files, differences } = await runner.paths([wrong, different, equal]);
    expect(code).to.equal(1);
    expect(files.map(({ file, equal: isEqual }) => [file, isEqual])).to.deep.equal([
      [wrong, false],
      [different, false],
      [equal, true],
    ]);
    expect(differences).to.have.length(1);
  });

  it("rejects a range for which the ledger is not complete, unless asked to go on", async () => {
    const { ledger } = runner;
    await ledger.complete("2026-10-01T10:00:00Z");
    expect(await runner.error(good)).to.match(
      /reaches to 2026-10-01T10:00:01Z.*complete through 2026-10-01T10:00:00Z only/,
    );
    expect(await runner.differences(good, "--anyway")).to.deep.equal([]);
    await ledger.complete("2026-10-01T10:00:01Z");
    expect(await runner.differences(good)).to.deep.equal([]);
    expect(await runner.error(good, "--to=2026-10-02")).to.match(/reaches to 2026-10-02T00:00:00Z/);
    await ledger.complete("2026-11-01T00:00:00Z", "2026-10-01T09:00:01Z");
    expect(await runner.error(good)).to.match(
      /begins at 2026-10-01T09:00:00Z, .* begins at 2026-10-01T09:00:01Z/,
    );
    await ledger.complete(null);
    expect(await runner.error(good)).to.match(/no round of `takings balance sync` has finished/);
    await ledger.complete("2026-11-01T00:00:00Z");
  });

  it("rejects options that cannot be meant", async () => {
    const path = await runner.folder.write("report.csv", good);
    const wrong: readonly (readonly [string, RegExp])[] = [
      ["--timezone=Mars/Olympus", /must be a time zone/],
      ["--from=yesterday", /--from yesterday is neither a date/],
      ["--source=shop", /of the platform of source shop \(live mode\)/],
      ["--source=*", /two sources may have transactions with one id: name the source/],
      ["--livemode=maybe", /must be true or false/],
      ["--report=taxes", /Allowed choices are activity/],
    ];
    const env = { DATABASE_URL: runner.ledger.database.readerUrl };
    const all = wrong.map(async ([option, reason]) => {
      const { code, output } = await takings(["tie-out", path, option], env);
      expect(code).to.equal(1);
      expect(output).to.match(reason);
    });
    await Promise.all(all);
  });

  it("prints a report for people, and says on stderr what could not be compared", async () => {
    const different = await runner.folder.write("different.csv", good.replace("12.30", "12.31"));
    const gone = await runner.folder.write("gone.csv", "");
    await rm(gone);
    const { code, output } = await takings(["tie-out", different, gone], {
      DATABASE_URL: runner.ledger.database.readerUrl,
    });
    expect(code).to.equal(1);
    const asOf = String.raw`\d{4}-\d\d-\d\dT\S+Z`;
    expect(output).to.match(
      new RegExp(
        `^${different}: activity, 2 rows: 1 difference\\(s\\)\n` +
          "  gross: 1 gross amounts differ\n" +
          "    line 2, txn_1: the file says 12.31, the ledger 12.30\n" +
          `2 file\\(s\\) as of ${asOf}: 0 equal, 1 with differences, 1 not compared\n` +
          `takings: ${gone} does not exist; check the path\n$`,
      ),
    );
  });

  it("says on stderr also with --json what could not be compared", async () => {
    const gone = `${runner.folder.path}/gone.csv`;
    const env = { DATABASE_URL: runner.ledger.database.readerUrl };
    const { code, output } = await takings(["tie-out", gone, "--json"], env);
    expect(code).to.equal(1);
    expect(output).to.match(new RegExp(`^\\{.*\\}\ntakings: ${gone} does not exist; check the path\n$`));
  });
});
