import { readdirSync, readFileSync } from "node:fs";
import { type DerivedLedger, deriveLedger, type EventFacts } from "@takings/domain";
import { eventFacts } from "@takings/wire";
import { expect } from "chai";
import { assert, property, shuffledSubarray } from "fast-check";
import { describe, it } from "mocha";

type Body = { readonly id: string; readonly type: string; readonly created: number };

const folder = new URL("../fixtures/cases/", import.meta.url);

function eventsOf(name: string): readonly EventFacts[] {
  const { events } = JSON.parse(readFileSync(new URL(name, folder), "utf8")) as {
    readonly events: readonly Body[];
  };
  return events.map((event) => eventFacts(event, new Date(event.created * 1_000)));
}

/** What a ledger adds up to, as the API shows it. */
function totals({ entries, gaps }: DerivedLedger): Record<string, string> {
  const sum = (...kinds: readonly string[]): bigint =>
    entries.filter(({ kind }) => kinds.includes(kind)).reduce((total, { amount }) => total + amount, 0n);
  const [gross, refunded, disputed] = [
    sum("payment"),
    -sum("refund", "refund_reversal"),
    -sum("dispute", "dispute_reversal"),
  ];
  const found = { gross, refunded, disputed, net: gross - refunded - disputed, gaps: BigInt(gaps.length) };
  return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, String(value)]));
}

const text = (ledger: DerivedLedger): string =>
  JSON.stringify(
    [ledger.entries, ledger.gaps].map((rows) => rows.map((row) => JSON.stringify(row, exact)).toSorted()),
  );
const exact = (_key: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);

const expected: Readonly<
  Record<string, readonly [gross: number, refunded: number, disputed: number, gaps?: number]>
> = {
  "01-transfer-reversal-mirror.json": [0, 0, 0],
  "03-cash-balance-refund.json": [80_000, 0, 0],
  "04-canceled-authorisation-acacia.json": [0, 0, 0],
  "06-multicapture-open.json": [7_000, 1_000, 0],
  "07-fx-partial-win.json": [5_000, 0, 3_000],
  "09-rdr.json": [5_000, 0, 5_000],
  "10-lost-then-won.json": [5_000, 0, 0],
  "13-refund-requires-action-canceled.json": [5_000, 0, 0],
  "16-adaptive-pricing.json": [8_000, 8_000, 0],
  "20-zero-captured-then-real-refund.json": [20_000, 12_000, 0],
  "21-partial-capture-many-refunds-old.json": [6_000, 1_100, 0],
  "22-second-refund-equals-rest.json": [6_000, 4_000, 0],
  "23-ach-late-return-as-dispute.json": [5_000, 0, 5_000],
  "24-inquiry-to-chargeback.json": [5_000, 0, 5_000],
  "28-charge-refunded-only.json": [5_000, 2_000, 0],
  "29-two-disputes-one-charge.json": [5_000, 0, 3_500],
  "31-won-then-refunded.json": [5_000, 5_000, 0],
  "35-refund-before-payment-clears.json": [0, 0, 0],
};

describe("The ledger of a payment", () => {
  for (const name of readdirSync(folder)) {
    it(`is right for ${name}`, () => {
      const [gross = -1, refunded = -1, disputed = -1, gaps = 0] = expected[name] ?? [];
      const found = totals(deriveLedger(eventsOf(name)));
      const wanted = { gross, refunded, disputed, net: gross - refunded - disputed, gaps };
      expect(found).to.deep.equal(
        Object.fromEntries(Object.entries(wanted).map(([key, value]) => [key, String(value)])),
      );
    });

    it(`is the same in any order of the events of ${name}, however often each comes`, () => {
      const events = eventsOf(name);
      const once = text(deriveLedger(events));
      assert(
        property(shuffledSubarray([...events, ...events], { minLength: events.length * 2 }), (delivered) => {
          expect(text(deriveLedger(delivered))).to.equal(once);
        }),
        { numRuns: 1_000 },
      );
    });
  }
});
