import type { EventRecord, LedgerClaim } from "@takings/domain";
import { eventSaying } from "@takings/testkit";
import { expect } from "chai";
import fc from "fast-check";
import { after, before, describe, it } from "mocha";
import { decodeClaims, encodeClaims } from "../src/claims-column.ts";
import { type ReadingStore, readingStore } from "./reading-store.ts";

const instant = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("9999-12-31T00:00:00Z") });
const id = fc.constantFrom("pi_1", "ch_2", "re_3");

/** An event with claims of its own, which may differ from its columns in everything but the witness. */
const claimingEvent: fc.Arbitrary<EventRecord> = fc
  .record({
    created: instant,
    livemode: fc.boolean(),
    account: fc.option(fc.constantFrom("acct_1", "acct_2")),
    objectId: fc.option(id),
    paymentIntent: fc.option(id),
    claims: fc.array(
      fc.record({
        kind: fc.constantFrom("payment", "refund", "refund_reversal", "dispute"),
        amount: fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }),
        currency: fc.constantFrom("usd", "jpy"),
        objectId: id,
        occurredAt: instant,
        paymentIntent: fc.option(id, { nil: undefined }),
        account: fc.option(fc.constantFrom("acct_1", "acct_2")),
        livemode: fc.boolean(),
      }),
      { maxLength: 4 },
    ),
  })
  .map(({ claims, ...columns }) => {
    const decidedBy = { created: columns.created, eventId: "evt_1" };
    const whole = claims.map(({ paymentIntent, ...claim }): LedgerClaim => {
      const said = paymentIntent === undefined ? undefined : { id: paymentIntent, saidBy: decidedBy };
      return { ...claim, decidedBy, paymentIntent: said };
    });
    return { ...eventSaying({ eventId: "evt_1" }), ...columns, claims: whole };
  });

describe("the column of claims", () => {
  let store: ReadingStore;
  before(async () => {
    store = await readingStore();
  });
  after(() => store.close());

  async function columnOf(eventId: string): Promise<unknown> {
    const { rows } = await store.admin.query<{ claims: unknown }>(
      "select claims from takings.events where event_id = $1",
      [eventId],
    );
    return rows[0]?.claims;
  }

  it("gives back every claim exactly", () => {
    fc.assert(
      fc.property(claimingEvent, (event) => {
        const column: unknown = JSON.parse(encodeClaims(event) ?? "null");
        expect(decodeClaims(column, event)).to.deep.equal(event.claims);
      }),
    );
  });

  it("is written with the event and says only what the event's own columns do not", async () => {
    await store.writer.record([
      eventSaying({ eventId: "evt_said", amount: 2n ** 62n, objectId: "pi_said", paymentIntent: "pi_said" }),
    ]);
    expect(await columnOf("evt_said")).to.deep.equal([
      { kind: "payment", amount: "4611686018427387904", currency: "usd" },
    ]);
  });

  it("is null for an event that claims nothing", async () => {
    await store.writer.record([{ ...eventSaying({ eventId: "evt_silent" }), claims: [] }]);
    expect(await columnOf("evt_silent")).to.equal(null);
  });

  it("is refused by the name of its event when it was altered into something else", () => {
    const event = eventSaying({ eventId: "evt_altered" });
    for (const column of [{}, [{}], [{ kind: "payment", amount: 1.5, currency: "usd" }], 7]) {
      expect(() => decodeClaims(column, event)).to.throw(/claims of event evt_altered/);
    }
  });
});
