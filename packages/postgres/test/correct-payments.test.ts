import type { EventRecord } from "@takings/domain";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { correctPayments } from "../src/rebuild/correct-payments.ts";
import { linkObjects } from "../src/rebuild/link-objects.ts";
import { createPayloadCodec } from "../src/columns/payload-codec.ts";
import { type ComparedPayment, comparedPayments } from "../src/rebuild/compared-payments.ts";
import { rewriteEvents } from "../src/rebuild/rewrite-events.ts";
import { type TestStore, createTestStore, keyOf } from "./test-store.ts";
import { eventShowing, shownCharge, shownIntent, shownRefund } from "./events-showing.ts";
import { storeCorruptions } from "./store-corruptions.ts";

const codec = createPayloadCodec();
/** Two payments: a complete one, and one of which only a charge and a refund are known. */
const events: readonly EventRecord[] = [
  eventShowing("evt_pi", [shownIntent("pi_1")]),
  eventShowing("evt_ch", [shownCharge("ch_1", { paymentIntent: "pi_1" })]),
  eventShowing("evt_re", [shownRefund("re_1", { charge: "ch_1" })]),
  eventShowing("evt_gap", [shownCharge("ch_2", { paymentIntent: "pi_2" })]),
  eventShowing("evt_re_2", [shownRefund("re_2", { charge: "ch_2", status: "failed" })], {
    type: "refund.failed",
  }),
];

describe("a store that was altered manually", () => {
  let store: TestStore;
  beforeEach(async () => {
    store = await createTestStore();
    await store.writer.record(events);
  });
  afterEach(() => store.close());

  async function comparedNow(): Promise<readonly ComparedPayment[]> {
    const client = await store.admin.connect();
    await client.query("begin isolation level repeatable read");
    try {
      return await Array.fromAsync(comparedPayments(client));
    } finally {
      await client.query("rollback");
      client.release();
    }
  }

  async function state(): Promise<unknown> {
    const of = async (text: string): Promise<unknown> => (await store.admin.query(text)).rows;
    return {
      ledger: await of(
        `select id, kind, account, livemode, object_id, amount, currency, occurred_at, event_id, payment_intent
         from takings.ledger order by id`,
      ),
      gaps: await of("select * from takings.gaps order by object_id, kind"),
    };
  }

  const alterations: Readonly<Record<string, string>> = {
    "an amount": "update takings.ledger set amount = amount * 2",
    "a currency and a time": "update takings.ledger set currency = 'eur', occurred_at = 'infinity'",
    "the event that decides": "update takings.ledger set event_id = 'evt_gone', payment_intent = 'pi_gone'",
    "what an entry is of":
      "update takings.ledger set object_id = 're_other', account = 'acct_other', livemode = false",
    "whose source an entry is of": "update takings.ledger set source = 'shop' where object_id = 're_1'",
    "the kind of an entry": "update takings.ledger set kind = 'dispute' where kind = 'refund'",
    "the id of an entry": "update takings.ledger set id = 'le_other' where object_id = 're_1'",
    "that there are entries": "delete from takings.ledger",
    "an entry of a payment": `
      insert into takings.ledger select 'le_added', kind, source, account, livemode, object_id, 7, currency, occurred_at, event_id,
        payment_intent, recorded_at from takings.ledger limit 1`,
    "an entry of nothing that is known": `
      insert into takings.ledger select 'le_added', kind, source, 'acct_x', false, 'pi_unknown', 7, currency, occurred_at,
        event_id, null, recorded_at from takings.ledger limit 1`,
    "the amount of a gap":
      "update takings.gaps set amount = 1, payment_intent = null, seen_at = '2030-01-01'",
    "whose gap it is": "update takings.gaps set account = 'acct_other', object_id = 'ch_other'",
    "whose source a gap is of": "update takings.gaps set source = 'shop'",
    "that there is a gap": "delete from takings.gaps",
    "a gap of a payment": `
      insert into takings.gaps select 'refund', source, account, livemode, object_id, payment_intent, 5, currency, seen_at,
        event_id from takings.gaps`,
    "a gap of nothing that is known": `
      insert into takings.gaps select kind, source, 'acct_x', false, 'ch_unknown', null, 5, currency, seen_at, event_id
      from takings.gaps`,
  };

  for (const [what, statement] of Object.entries(alterations)) {
    it(`gets its entries and gaps back after an alteration of ${what}`, async () => {
      const right = await state();
      await store.admin.query(statement);
      await correctPayments(store.admin, await comparedNow());
      expect(await state()).to.deep.equal(right);
      expect(await storeCorruptions(store.admin)).to.deep.equal([]);
    });
  }

  const cuts: Readonly<Record<string, string>> = {
    "one link is gone": "delete from takings.payment_objects where object_id = 'ch_1'",
    "all links are gone": "delete from takings.payment_objects",
    "what stands for a payment is gone": "delete from takings.payment_objects where belongs_to = object_id",
    "a payment is cut in two":
      "update takings.payment_objects set belongs_to = object_id where object_id = 're_1'",
    "an event is found by an object of another payment":
      "update takings.events set payment_object = 'pi_2' where event_id = 'evt_re'",
  };

  for (const [what, statement] of Object.entries(cuts)) {
    it(`gets its links back where ${what}`, async () => {
      const right = await state();
      await store.admin.query(statement);
      expect(await storeCorruptions(store.admin)).not.to.deep.equal([]);
      await linkObjects(store.admin, events);
      await correctPayments(store.admin, await comparedNow());
      expect(await state()).to.deep.equal(right);
      expect(await storeCorruptions(store.admin)).to.deep.equal([]);
    });
  }

  describe("so that the facts of an event cannot be parsed", () => {
    beforeEach(() =>
      store.admin.query(
        `update takings.events set facts = '{"shows":[{"object":"refund"}]}' where event_id = 'evt_re'`,
      ),
    );

    it("still records other events of the payment", async () => {
      const more = eventShowing("evt_more", [shownRefund("re_more", { charge: "ch_1" })]);
      expect([...(await store.writer.record([more])).keys()]).to.deep.equal(["evt_more"]);
      const { rows } = await store.admin.query(
        "select object_id from takings.ledger where event_id = 'evt_more'",
      );
      expect(rows).to.deep.equal([{ object_id: "re_more" }]);
    });

    it("has the facts and their entries once the event is read again", async () => {
      const right = await state();
      await correctPayments(store.admin, await comparedNow());
      expect(await state()).not.to.deep.equal(right);
      const [, , refund] = events;
      const rewritten = await rewriteEvents(store.admin, codec, [keyOf("evt_re")], ({ facts, rules }) =>
        refund !== undefined && facts instanceof Error ? { ...refund, rules } : undefined,
      );
      expect(rewritten).to.include({ events: 1 });
      expect(await state()).to.deep.equal(right);
      expect(await storeCorruptions(store.admin)).to.deep.equal([]);
    });
  });
});
