import { readdirSync, readFileSync } from "node:fs";
import { createPaymentService, type EventRecord, rulesVersion } from "@takings/domain";
import { createPaymentWriter } from "@takings/postgres";
import { toEventRecord, toUnparsedRecord } from "@takings/wire";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { quarantineCommand } from "../src/quarantine/quarantine-command.ts";
import { rebuildCommand } from "../src/rebuild/rebuild-command.ts";
import { verifyCommand } from "../src/verify/verify-command.ts";
import { type StoreOfEvents, storeOfEvents } from "./store-of-events.ts";
import { type Ended, run } from "./takings.ts";

type Body = { readonly id: string; readonly [name: string]: unknown };

const folder = new URL("../../../test/fixtures/cases/", import.meta.url);
const payments = createPaymentService();
const receivedAt = new Date("2026-11-24T06:00:00.000Z");

/** The events of a case, in a separate account. */
function bodiesOf(name: string, account: string): readonly Body[] {
  const { events } = JSON.parse(readFileSync(new URL(name, folder), "utf8")) as {
    readonly events: readonly Body[];
  };
  return events.map((event) => ({ ...event, account }));
}

/** A charge whose payment and refund were not delivered. */
const eventWithGaps: Body = {
  id: "evt_gaps",
  type: "charge.updated",
  api_version: "2026-07-29.dahlia",
  created: 1_790_000_000,
  livemode: true,
  data: {
    object: {
      id: "ch_gaps",
      object: "charge",
      payment_intent: "pi_gaps",
      amount: 500,
      amount_captured: 500,
      amount_refunded: 200,
      captured: true,
      status: "succeeded",
      currency: "eur",
    },
  },
};

const rawBody = (body: Body): Buffer => Buffer.from(JSON.stringify(body));
const recordOf = (body: Body): EventRecord =>
  toEventRecord({ source: "default", body: rawBody(body), receivedAt }, payments);

const cases = readdirSync(folder).filter((name) => name.endsWith(".json"));
const everything = [...cases.flatMap((name, n) => bodiesOf(name, `acct_${n}`)), eventWithGaps];

describe("a store with events for every rule", function () {
  this.timeout(120_000);
  let store: StoreOfEvents;

  beforeEach(async () => {
    store = await storeOfEvents();
  });
  afterEach(() => store.close());

  const verify = (): Promise<Ended> => run(verifyCommand, [], { DATABASE_URL: store.database.readerUrl });
  const asOwner = (...[make, ...args]: [Parameters<typeof run>[0], ...string[]]): Promise<Ended> =>
    run(make, args, { DATABASE_URL: store.database.migratorUrl });
  const rebuild = (): Promise<Ended> => asOwner(rebuildCommand);

  async function rows(text: string): Promise<readonly unknown[]> {
    return (await store.admin.query<{ row: unknown }>(text)).rows.map(({ row }) => row);
  }

  /** The current ledger entries and gaps. */
  async function storeState(): Promise<readonly unknown[]> {
    return [
      ...(await rows("select to_jsonb(ledger) - 'recorded_at' as row from takings.ledger order by id")),
      ...(await rows("select to_jsonb(gaps) as row from takings.gaps order by kind, object_id")),
    ];
  }

  async function expectAgreement(): Promise<void> {
    const { code, output } = await verify();
    expect(output).to.match(/: events.* rollup agree/);
    expect(code, output).to.equal(0);
  }

  it("passes verify, and is not changed by a rebuild", async () => {
    await store.writer.record(everything.map(recordOf));
    const before = await storeState();
    await expectAgreement();
    const { output } = await rebuild();
    expect(output)
      .to.match(/: 0 of them were rewritten$/m)
      .and.to.match(/^0 entries of the ledger were/m);
    expect(await storeState()).to.deep.equal(before);
    expect(before).to.have.length.greaterThan(30);
  });

  const one = "event_id = 'evt_gaps'";
  const alterations: Readonly<Record<string, readonly [statement: string, found: RegExp]>> = {
    "the facts of an event": [
      "update takings.events set facts = jsonb_set(facts, '{shows,0,amountCaptured}', '\"1\"') where event_id = 'evt_gaps'",
      /^events: evt_gaps its facts differ from those of its body$/m,
    ],
    "the form of an event's facts": [
      `update takings.events set facts = '{"shows":[{"object":"?"}]}' where ${one}`,
      /^events: evt_gaps the facts of event evt_gaps cannot be read/m,
    ],
    "that an event has facts": [
      `update takings.events set facts = null, payment_object = null where ${one}`,
      /^events: evt_gaps its facts differ from those of its body$/m,
    ],
    "the object by which an event is found": [
      `update takings.events set payment_object = 'pi_other' where ${one}`,
      /^events: evt_gaps is not linked to its payment$/m,
    ],
    "the links of all objects": ["delete from takings.payment_objects", /is not linked to its payment$/m],
    "a link, which leads nowhere": [
      "update takings.payment_objects set belongs_to = 'pi_nowhere' where object_id = 'pi_gaps'",
      /^events: evt_gaps is not linked to its payment$/m,
    ],
    "a link, which leads back": [
      "update takings.payment_objects set belongs_to = 'ch_gaps' where object_id = 'pi_gaps'",
      /^events: evt_gaps is not linked to its payment$/m,
    ],
    "a gap": [
      "update takings.gaps set amount = amount + 1 where kind = 'refund'",
      /^gaps: refund ch_gaps live platform is 201 eur .*, but 200 eur .* by the events$/m,
    ],
    "a gap that is gone": [
      "delete from takings.gaps where kind = 'payment'",
      /^gaps: payment ch_gaps live platform is missing, but 500 eur .* by the events$/m,
    ],
    "a gap that is none": [
      "insert into takings.gaps select kind, source, account, livemode, 'ch_none', payment_intent, amount, currency, seen_at, event_id from takings.gaps where kind = 'refund'",
      /^gaps: refund ch_none live platform is .*, but no gap by the events$/m,
    ],
  };
  it("is detected by verify and corrected by a rebuild after any part of it was altered", async () => {
    await store.writer.record(everything.map(recordOf));
    const before = await storeState();
    for (const [what, [statement, found]] of Object.entries(alterations)) {
      await store.admin.query(statement);
      expect((await verify()).output, what).to.match(found);
      const { code, output } = await rebuild();
      expect(code, `${what}: ${output}`).to.equal(0);
      await expectAgreement();
      expect(await storeState(), what).to.deep.equal(before);
    }
  });

  it("follows an altered body", async () => {
    await store.writer.record(everything.map(recordOf));
    const altered = rawBody({
      ...eventWithGaps,
      type: "charge.unheard_of",
      data: { object: { id: "ch_gaps" } },
    });
    await store.admin.query(`update takings.events set payload = $1, payload_codec = 0 where ${one}`, [
      altered,
    ]);
    expect((await verify()).output).to.match(
      /^events: evt_gaps type is charge\.updated, but charge\.unheard_of in its body$/m,
    );
    await rebuild();
    await expectAgreement();
    expect(await rows("select to_jsonb(gaps) as row from takings.gaps")).to.deep.equal([]);
  });

  const without: Readonly<Record<string, () => Promise<void>>> = {
    "were removed": async () => {
      await store.writer.record(everything.map(recordOf));
      await store.admin.query("update takings.events set payload = null, payload_removed_at = now()");
    },
    "were never kept": async () => {
      await createPaymentWriter(store.writing, { payloads: "ledger" }).record(everything.map(recordOf));
    },
  };
  for (const [how, fill] of Object.entries(without)) {
    it(`keeps its ledger when all bodies ${how}, and restores it when it is lost`, async () => {
      await fill();
      const before = await storeState();
      await expectAgreement();
      await store.admin.query(
        "delete from takings.gaps; delete from takings.ledger; delete from takings.payment_objects",
      );
      expect((await verify()).code).to.equal(1);
      expect((await rebuild()).code).to.equal(0);
      await expectAgreement();
      expect(await storeState()).to.deep.equal(before);
    });
  }

  it("is read again after older rules, which did not use evidence, have read it", async () => {
    const understood = everything.map(recordOf);
    const older = understood.map((record) =>
      /^(payment_intent\.succeeded|refund\.|charge\.dispute\.funds_)/.test(record.type)
        ? record
        : { ...record, facts: undefined },
    );
    await store.writer.record(older);
    await store.admin.query("update takings.events set rules = 1");
    const { output } = await rebuild();
    expect(output).to.match(/^[1-9]\d* entries of the ledger were corrected/m);
    await expectAgreement();
    const after = await storeState();
    await store.admin.query(
      "delete from takings.events; delete from takings.ledger; delete from takings.gaps",
    );
    await store.writer.record(understood);
    expect(await storeState()).to.deep.equal(after);
    expect(await rows("select distinct rules as row from takings.events")).to.deep.equal([rulesVersion]);
  });

  it("corrects a payment when a quarantined event with evidence about it is replayed", async () => {
    const [charge, refund] = bodiesOf("01-transfer-reversal-mirror.json", "acct_1");
    const { source_transfer_reversal: _mirrors, ...object } = (
      refund as unknown as { data: { object: Record<string, unknown> } }
    ).data.object;
    const refundAlone = { ...(refund as Body), data: { object } };
    const evidence = toUnparsedRecord(
      {
        source: "default",
        body: rawBody(charge as Body),
        receivedAt,
        subject: "stripe.events.charge.succeeded",
        messageId: charge?.id,
      },
      "the process ended 3 times while it worked on this event alone",
    );
    await store.writer.record([evidence, recordOf(refundAlone)]);
    expect(await storeState()).to.have.length(1);
    const { code, output } = await asOwner(quarantineCommand, "replay", "--all");
    expect(output).to.match(/ processed: 1 ledger entries changed$/m);
    expect(code).to.equal(0);
    expect(await storeState()).to.deep.equal([]);
    await expectAgreement();
  });
});
