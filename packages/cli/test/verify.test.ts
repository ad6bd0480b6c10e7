import { createPaymentService } from "@takings/domain";
import { createPaymentWriter, createPool } from "@takings/postgres";
import { type TestDatabase, testDatabase } from "@takings/testkit";
import { toEventRecord } from "@takings/wire";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import type { Pool } from "pg";
import { verifyCommand } from "../src/verify/verify-command.ts";
import { type Ended, run, takings } from "./takings.ts";

const payments = createPaymentService();

function body(n: number): Buffer {
  const refund = n % 3 === 0;
  const object = refund
    ? {
        id: `re_${n % 12}`,
        amount: 10 + n,
        currency: "usd",
        created: 1_700_000_000 + n,
        status: n % 2 ? "failed" : "succeeded",
      }
    : { id: `pi_${n % 10}`, amount_received: 100 + n, currency: n % 2 ? "usd" : "jpy" };
  const type = refund ? "refund.updated" : "payment_intent.succeeded";
  const event = {
    id: `evt_${n}`,
    type,
    created: 1_700_000_000 + ((n * 7_919) % 5_000_000),
    livemode: n % 5 > 0,
    data: { object },
  };
  return Buffer.from(JSON.stringify(event));
}

describe("takings verify", () => {
  let database: TestDatabase;
  let writing: Pool;
  let superuser: Pool;

  beforeEach(async () => {
    database = await testDatabase();
    const poolOf = (url: string): Pool =>
      createPool({ url, name: "test", max: 1, statementTimeoutMs: 5_000, onIdleError: () => {} });
    [writing, superuser] = [poolOf(database.writerUrl), poolOf(database.superuserUrl)];
    const writer = createPaymentWriter(writing);
    const record = (n: number): ReturnType<typeof toEventRecord> =>
      toEventRecord({ source: "default", body: body(n), receivedAt: new Date() }, payments);
    for (let batch = 0; batch < 4; batch += 1) {
      await writer.record(Array.from({ length: 30 }, (_, n) => record(119 - batch * 30 - n)));
      // Half of the events are in the rollup, half are still pending.
      if (batch === 1) await superuser.query("select takings.apply_rollup_deltas('0 seconds', 5000)");
    }
    await writer.record([
      toEventRecord({ source: "default", body: Buffer.from("garbage"), receivedAt: new Date() }, payments),
    ]);
  });
  afterEach(async () => {
    await Promise.all([writing.end(), superuser.end()]);
    await database.drop();
  });

  const verify = (...args: string[]): Promise<Ended> =>
    takings(["verify", ...args], { DATABASE_URL: database.readerUrl });

  const inProcess = (args: readonly string[]): Promise<Ended> =>
    run(verifyCommand, args, { DATABASE_URL: database.readerUrl });

  it("finds that everything agrees, with only read access", async () => {
    const { code, output } = await verify();
    expect(output).to.match(
      /^recounted 121 events and compared \d+ entries as of .*Z: events, ledger and rollup agree\n$/,
    );
    expect(code).to.equal(0);
  });

  const tampering: Record<string, { readonly statement: string; readonly found: RegExp }> = {
    "an altered amount in the ledger": {
      statement: "update takings.ledger set amount = amount + 1 where object_id = 'pi_1' and livemode",
      found: /^ledger: le_\w+ amount is \d+, by the events \d+/m,
    },
    "a removed ledger entry": {
      statement: "delete from takings.ledger where object_id = 'pi_2' and livemode",
      found: /^ledger: le_\w+ is missing, although the events produce it/m,
    },
    "an added ledger entry": {
      statement: `insert into takings.ledger select 'le_made_up', kind, source, account, livemode, 'pi_made_up', amount,
        currency, occurred_at, event_id, payment_intent, recorded_at
        from takings.ledger where object_id = 'pi_1' and livemode`,
      found: /^ledger: le_made_up exists, although no event produces it/m,
    },
    "a total of the rollup at the end of a day": {
      // Adds a digit to the first currency's gross.
      statement: String.raw`update takings.rollup set totals = regexp_replace(totals, ',(\d+)', ',\11')
        where account = '*' and since = '-infinity'`,
      found: /^rollup: live \* until \S+ \S+ jpy holds \{/m,
    },
    "a total of the rollup at the end of a bucket": {
      // Adds a digit to the first currency's refunds.
      statement: String.raw`update takings.rollup set totals = regexp_replace(totals, ',(\d+,\d+\))', ',1\1')
        where since > '-infinity'`,
      found: /^rollup: test platform that day until .* holds/m,
    },
    "a removed row of the rollup": {
      statement: "delete from takings.rollup where since = '-infinity' and account = ''",
      found: /^rollup: live platform until .* holds \{0,0,0,0,0,0\}; the ledger has/m,
    },
    "a currency missing from a row of the rollup": {
      statement: `update takings.rollup set totals = (totals::takings.rollup_totals[])[:1]
        where (livemode, account, since, until) = (select livemode, account, since, max(until) from takings.rollup
        where cardinality(totals::takings.rollup_totals[]) = 2 group by 1, 2, 3 order by 1, 2, 3 limit 1)`,
      found: /^rollup: test \S+ until .* usd is missing, though an earlier row has it/m,
    },
    "pending deltas of the rollup": {
      statement: "delete from takings.rollup_deltas",
      found: /^rollup: \w+ platform pending of/m,
    },
    "an altered payload": {
      statement: `update takings.events set payload_codec = 0,
        payload = convert_to(replace('${body(7).toString()}', '107', '108'), 'UTF8') where event_id = 'evt_7'`,
      found: /^events: evt_7 its facts differ from those of its body/m,
    },
    "a damaged payload": {
      statement:
        "update takings.events set payload = '\\x00010203', payload_codec = 1 where event_id = 'evt_8'",
      found: /^events: evt_8 the stored payload of event evt_8 cannot be read/m,
    },
    "an altered column of an event": {
      statement: "update takings.events set livemode = not livemode where event_id = 'evt_11'",
      found: /^events: evt_11 livemode is/m,
    },
    "a removed event": {
      statement: "delete from takings.events where event_id in (select event_id from takings.ledger limit 1)",
      found: /^ledger: le_\w+ /m,
    },
  };
  for (const [what, { statement, found }] of Object.entries(tampering)) {
    it(`reports ${what} and fails`, async () => {
      await superuser.query(statement);
      const { code, output } = await inProcess([]);
      expect(output).to.match(found);
      expect(code).to.equal(1);
    });
  }

  it("finds that everything agrees after a rebuild, which keeps earlier values on record", async () => {
    for (const statement of [
      "update takings.ledger set amount = amount + 1 where object_id = 'pi_1'",
      "delete from takings.ledger where object_id = 'pi_2'",
      `insert into takings.ledger select 'le_made_up', kind, source, account, livemode, 'pi_made_up', amount,
        currency, occurred_at, event_id, payment_intent, recorded_at
        from takings.ledger where object_id = 'pi_4' and livemode`,
      "update takings.rollup set totals = regexp_replace(totals, '\\d+', '7')",
      "delete from takings.rollup where account = '*'",
    ]) {
      await superuser.query(statement);
    }
    const before = await superuser.query("select takings.safe_read_time()::text as moment");
    const rebuilt = await takings(["rebuild"], { DATABASE_URL: database.migratorUrl });
    expect(rebuilt.output).to.match(/^[3-9] entries of the ledger were corrected/m);
    expect(await verify()).to.have.property("code", 0);
    const { rows } = await superuser.query(
      "select id from takings.ledger_as_of($1) where id = 'le_made_up'",
      [(before.rows[0] as { moment: string }).moment],
    );
    expect(rows).to.have.length(1);
  });

  it("compares only entries of the given range", async () => {
    await superuser.query(
      "update takings.ledger set event_id = 'evt_none' where object_id = 'pi_1' and livemode",
    );
    expect((await inProcess(["--from", "2030-01-01T00:00:00Z"])).code).to.equal(0);
    expect((await inProcess(["--to", "2030-01-01T00:00:00Z"])).code).to.equal(1);
  });

  const invalidRanges: Record<string, readonly string[]> = {
    "--from infinity is not an RFC 3339 instant": ["--from", "infinity"],
    "--to tomorrow is not an RFC 3339 instant": ["--to", "tomorrow"],
    "--from 2024-13-01T00:00:00Z is not an RFC 3339 instant": ["--from", "2024-13-01T00:00:00Z"],
    "the range is empty: --from 2024-02-01T00:00:00Z must be before --to 2024-01-01T00:00:00Z": [
      "--from",
      "2024-02-01T00:00:00Z",
      "--to",
      "2024-01-01T00:00:00Z",
    ],
  };
  for (const [complaint, args] of Object.entries(invalidRanges)) {
    it(`rejects an invalid range: ${complaint}`, async () => {
      const { code, output } = await inProcess(args);
      expect(output).to.contain(complaint);
      expect(output).not.to.contain("agree");
      expect(code).to.equal(1);
    });
  }

  it("does not claim that the ledger agrees when no entry is in the range", async () => {
    const { output } = await inProcess(["--from", "2030-01-01T00:00:00Z"]);
    expect(output).to.contain("compared 0 entries").and.to.contain("there was no entry to compare");
    expect(output).not.to.contain("ledger and rollup agree");
  });

  it("reports a difference exactly, however large the amounts are", async () => {
    const event = {
      id: "evt_large",
      type: "payment_intent.succeeded",
      created: 1_700_000_000,
      livemode: true,
      data: { object: { id: "pi_large", amount_received: "AMOUNT", currency: "usd" } },
    };
    const large = Buffer.from(JSON.stringify(event).replace('"AMOUNT"', "9007199254740992"));
    const record = toEventRecord({ source: "default", body: large, receivedAt: new Date() }, payments);
    await createPaymentWriter(writing).record([record]);
    await superuser.query("update takings.ledger set amount = amount + 1 where object_id = 'pi_large'");
    const { output } = await inProcess([]);
    expect(output).to.contain("amount is 9007199254740993, by the events 9007199254740992");
  });

  it("needs no temporary table, which a reader may not create", async () => {
    await superuser.query(`revoke temporary on database ${database.name} from public`);
    expect(await inProcess([])).to.have.property("code", 0);
  });

  it("finds a quarantined event without a body", async () => {
    // Only a superuser can do this.
    await superuser.query("alter table takings.events drop constraint events_quarantined_keeps_payload");
    const { rowCount } = await superuser.query(
      "update takings.events set payload = null, payload_removed_at = now() where status = 'quarantined'",
    );
    const { code, output } = await inProcess([]);
    expect(rowCount).to.equal(1);
    expect(output).to.match(/^events: unreadable_\w+ is in quarantine and has no body/m);
    expect(code).to.equal(1);
  });

  it("reports how many events older rules have read, without counting them as differences", async () => {
    await superuser.query(
      "update takings.events set rules = 0 where event_id in ('evt_1', 'evt_2', 'evt_4')",
    );
    await superuser.query(
      "update takings.events set payload = null, payload_removed_at = now() where event_id = 'evt_4'",
    );
    const { code, output } = await inProcess([]);
    expect(output).to.match(
      /^3 event\(s\) were read by version 0 of the rules .*; 1 of them have no body and stay as they are; takings rebuild reads 2/m,
    );
    expect(code).to.equal(0);
  });

  it("compares entries of connected accounts and of refunds that an event only lists", async () => {
    const listing = (id: string, account?: string): Buffer =>
      Buffer.from(
        JSON.stringify({
          id,
          type: "charge.refunded",
          created: 1_700_000_500,
          livemode: true,
          account,
          data: {
            object: {
              id: `ch_${id}`,
              payment_intent: "pi_listing",
              refunds: {
                data: [1, 2].map((n) => ({
                  id: `re_${id}${n}`,
                  amount: n,
                  currency: "usd",
                  created: 1_700_000_400,
                })),
              },
            },
          },
        }),
      );
    const bodies = [listing("evt_platform"), listing("evt_connected", "acct_1")];
    const records = bodies.map((text) =>
      toEventRecord({ source: "default", body: text, receivedAt: new Date() }, payments),
    );
    expect(
      records.flatMap(({ facts }) => facts?.shows.filter(({ object }) => object === "refund") ?? []),
    ).to.have.length(4);
    const before = JSON.parse((await inProcess(["--json"])).output) as { entries: number };
    await createPaymentWriter(writing).record(records);
    const after = JSON.parse((await inProcess(["--json"])).output) as {
      entries: number;
      differences: number;
    };
    expect(after).to.include({ entries: before.entries + 4, differences: 0 });
  });

  it("prints the whole report as JSON", async () => {
    const report: unknown = JSON.parse((await verify("--json")).output);
    expect(report).to.deep.include({ events: 121, withoutBody: 0, discrepancies: [] });
  });
});
