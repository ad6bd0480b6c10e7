import {
  type EntryKey,
  entryId,
  type LedgerClaim,
  mergeClaims,
  type Witness,
  witnessOf,
} from "@takings/domain";
import { expect } from "chai";
import * as fc from "fast-check";
import { describe, it } from "mocha";

const key: EntryKey = { kind: "refund", account: null, livemode: true, objectId: "re_1" };

function at(second: number, eventId: string): Witness {
  return witnessOf(eventId, new Date(Date.UTC(2024, 0, 1, 0, 0, second)));
}

function claimBy(witness: Witness, facts: Partial<LedgerClaim> = {}): LedgerClaim {
  const occurredAt = witness.created;
  return {
    ...key,
    amount: -1n,
    currency: "usd",
    occurredAt,
    decidedBy: witness,
    paymentIntent: undefined,
    ...facts,
  };
}

function theOne(claims: readonly LedgerClaim[]): LedgerClaim | undefined {
  return mergeClaims(claims).get(entryId(key));
}

describe("The id of an entry", () => {
  it("is the same for the same key", () => {
    expect(entryId(key)).to.equal(entryId({ ...key }));
  });

  it("differs with each part of the key", () => {
    const others: EntryKey[] = [
      { ...key, kind: "refund_reversal" },
      { ...key, account: "acct_1" },
      { ...key, livemode: false },
      { ...key, objectId: "re_2" },
    ];
    expect(new Set([key, ...others].map(entryId)).size).to.equal(5);
  });

  it("cannot be made equal by moving characters from one part to the next", () => {
    const one = entryId({ ...key, account: "acct_1", objectId: "re_1" });
    expect(entryId({ ...key, account: "acct_1true", objectId: "re_1" })).not.to.equal(one);
  });
});

describe("Claims on one entry", () => {
  it("are decided by the earliest event in every field", () => {
    const early = claimBy(at(1, "evt_z"), { amount: -3n, currency: "eur" });
    const late = claimBy(at(2, "evt_a"), { amount: -4n });
    expect(theOne([late, early])).to.deep.equal(early);
  });

  it("are decided by the smaller event id within one second", () => {
    const small = claimBy(at(1, "evt_A"), { amount: -3n });
    expect(theOne([claimBy(at(1, "evt_a")), small])).to.deep.equal(small);
  });

  it("keep the PaymentIntent that only a later event names", () => {
    const [early, late] = [at(1, "evt_1"), at(2, "evt_2")];
    const paymentIntent = { id: "pi_1", saidBy: late };
    const merged = theOne([claimBy(early), claimBy(late, { paymentIntent })]);
    expect(merged).to.deep.equal({ ...claimBy(early), paymentIntent });
  });

  it("keep the PaymentIntent that the earliest event names when several do", () => {
    const named = (witness: Witness, id: string): LedgerClaim =>
      claimBy(witness, { paymentIntent: { id, saidBy: witness } });
    const merged = theOne([
      named(at(3, "evt_3"), "pi_3"),
      claimBy(at(1, "evt_1")),
      named(at(2, "evt_2"), "pi_2"),
    ]);
    expect(merged?.paymentIntent?.id).to.equal("pi_2");
  });

  it("are decided by any event of Stripe's before one that was made from an object, whatever their times", () => {
    const made = claimBy(at(1, "evt_reconcile_re_1"), { amount: -3n });
    const real = claimBy(at(59, "evt_z"), { amount: -4n });
    expect(theOne([made, real])).to.deep.equal(real);
    expect(theOne([real, made])).to.deep.equal(real);
  });

  it("are decided by the event that was made from an object while there is no other", () => {
    const occurredAt = new Date("2024-01-01T00:00:01Z");
    const made = claimBy(at(1, "evt_reconcile_re_1"), { occurredAt });
    expect(theOne([made, made])).to.deep.equal(made);
  });

  it("stay apart from claims on other entries", () => {
    const other = claimBy(at(1, "evt_1"), { objectId: "re_2" });
    expect(mergeClaims([claimBy(at(1, "evt_1")), other]).size).to.equal(2);
  });
});

const ids = [
  "evt_1",
  "evt_2",
  "evt_A",
  "evt_a",
  "evt_B",
  "evt_reconcile_re_1",
  "evt_reconcile_re_1_reversal",
];
const witnesses = fc.tuple(fc.nat(3), fc.constantFrom(...ids));

/** Claims of few events on few entries, so that they meet; one event always says the same of one entry. */
const claims = fc
  .uniqueArray(
    fc.record({
      witness: witnesses,
      objectId: fc.constantFrom("re_1", "re_2", "re_3"),
      account: fc.constantFrom(null, "acct_1"),
      amount: fc.bigInt({ min: -9n, max: -1n }),
      intent: fc.option(fc.constantFrom("pi_1", "pi_2"), { nil: undefined }),
    }),
    {
      selector: ({ witness, objectId, account }) => JSON.stringify([at(...witness), objectId, account]),
      maxLength: 20,
    },
  )
  .map((said) =>
    said.map(({ witness: [second, eventId], objectId, account, amount, intent }) => {
      const saidBy = at(second, eventId);
      const paymentIntent = intent === undefined ? undefined : { id: intent, saidBy };
      return claimBy(saidBy, { objectId, account, amount, paymentIntent });
    }),
  );

/** The claims, and the same ones shuffled with some repeated. */
const deliveries = claims.chain((once) =>
  fc.tuple(
    fc.constant(once),
    fc.subarray(once).chain((again) => {
      const all = [...once, ...again];
      return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length });
    }),
  ),
);

function sorted(merged: ReadonlyMap<string, LedgerClaim>): [string, LedgerClaim][] {
  return [...merged].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

describe("Merging claims", () => {
  it("gives the same for any order and any repetition", () => {
    fc.assert(
      fc.property(deliveries, ([once, delivered]) => {
        expect(sorted(mergeClaims(delivered))).to.deep.equal(sorted(mergeClaims(once)));
      }),
      { numRuns: 500 },
    );
  });

  it("gives the same in one step as in two", () => {
    fc.assert(
      fc.property(deliveries, fc.nat(40), ([once, delivered], cut) => {
        const first = mergeClaims(delivered.slice(0, cut)).values();
        const second = mergeClaims(delivered.slice(cut)).values();
        expect(sorted(mergeClaims([...first, ...second]))).to.deep.equal(sorted(mergeClaims(once)));
      }),
      { numRuns: 500 },
    );
  });
});
