import { eventWithEntry } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { createTestStore, type TestStore } from "./test-store.ts";

const refund = { kind: "refund", amount: 40n, paymentIntent: "pi_1", at: "2024-05-02T00:00:00Z" } as const;

describe("what an id means", () => {
  let store: TestStore;

  before(async () => {
    store = await createTestStore();
    await store.admin.query("insert into takings.sources values ('shop', null)");
    await store.writer.record([
      eventWithEntry({ eventId: "evt_1", objectId: "pi_1", account: "acct_1" }),
      eventWithEntry({ eventId: "evt_2", objectId: "re_1", account: "acct_1", ...refund }),
      eventWithEntry({ source: "shop", eventId: "evt_1", objectId: "pi_1" }),
      eventWithEntry({ eventId: "evt_3", objectId: "du_1", kind: "dispute", amount: 7n }),
      {
        ...eventWithEntry({ eventId: "evt_4", objectId: "cus_1", type: "customer.created" }),
        facts: undefined,
        paymentIntent: null,
      },
    ]);
    await store.admin.query(
      `insert into takings.payouts (id, source, account, livemode, amount, currency, status, automatic, arrival_date,
         created, event_id, said_at, said_received_at, recorded_at)
       values ('po_1', 'shop', '', true, 1, 'usd', 'paid', true, now(), now(), 'evt_9', now(), now(), now())`,
    );
    await store.admin.query(
      `insert into takings.balance_transactions (id, source, account, livemode, type, reporting_category, currency, gross, fee,
         net, created, available_on, effective_at, event_id, said_at, said_received_at, recorded_at)
       values ('txn_1', 'default', 'acct_2', false, 'charge', 'charge', 'usd', 5, 1, 4, now(), now(), now(), 'evt_9', now(),
         now(), now())`,
    );
  });

  after(() => store.close());

  const found = async (id: string, source = "*"): Promise<string[]> => {
    const all = await store.reader.find(id, source);
    return all.map((one) => [one.kind, one.id, one.source, one.account, one.livemode].join(" "));
  };

  it("is an event of each source that has it", async () => {
    expect(await found("evt_1")).to.deep.equal(["event evt_1 default acct_1 true", "event evt_1 shop  true"]);
  });

  it("is only what the wanted source has", async () => {
    expect(await found("evt_1", "shop")).to.deep.equal(["event evt_1 shop  true"]);
  });

  it("is the payment of a PaymentIntent", async () => {
    expect(await found("pi_1", "default")).to.deep.equal(["payment pi_1 default acct_1 true"]);
  });

  it("is the payment that a refund belongs to", async () => {
    expect(await found("re_1")).to.deep.equal(["payment pi_1 default acct_1 true"]);
  });

  it("is the payment of a ledger entry", async () => {
    const { rows } = await store.admin.query<{ id: string }>(
      "select id from takings.ledger where object_id = 're_1'",
    );
    expect(await found(rows[0]?.id ?? "")).to.deep.equal(["payment pi_1 default acct_1 true"]);
  });

  it("is an object with events, where no payment is known", async () => {
    expect([await found("du_1"), await found("cus_1")]).to.deep.equal([
      ["object du_1 default  true"],
      ["object cus_1 default  true"],
    ]);
  });

  it("is a payout, or a balance transaction, of an account and a mode", async () => {
    expect([await found("po_1"), await found("txn_1")]).to.deep.equal([
      ["payout po_1 shop  true"],
      ["balance_transaction txn_1 default acct_2 false"],
    ]);
  });

  it("is nothing where nothing has it", async () => {
    expect(await found("pi_unknown")).to.deep.equal([]);
  });
});
