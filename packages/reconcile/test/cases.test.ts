import { readdirSync, readFileSync } from "node:fs";
import {
  createPaymentService,
  type DerivedLedger,
  deriveLedger,
  type EventFacts,
  type ReconciliationStore,
} from "@takings/domain";
import { type EventBody, toEventRecord } from "@takings/wire";
import { expect } from "chai";
import { describe, it } from "mocha";
import { inspectObjects } from "../src/inspect.ts";
import { listedOf, type EventWithObject } from "./lists-from-events.ts";

const folder = new URL("../../../test/fixtures/cases/", import.meta.url);
const payments = createPaymentService();
const scope = { source: "default", account: null, livemode: true };
const through = new Date("2030-01-01T00:00:00Z");

/** Totals that differ when a ledger is built from listed objects alone: docs/reconcile.md. */
const unlisted: Readonly<Record<string, Readonly<Record<string, bigint>>>> = {
  // A dispute that lists no balance transaction may be an inquiry.
  "23-ach-late-return-as-dispute.json": { disputed: 0n },
};

function eventsOf(name: string): readonly EventWithObject[] {
  return (JSON.parse(readFileSync(new URL(name, folder), "utf8")) as { events: readonly EventWithObject[] })
    .events;
}

function factsOf(body: Uint8Array): readonly EventFacts[] {
  const { facts, status, reason } = toEventRecord({ source: "default", body, receivedAt: through }, payments);
  expect([status, reason]).to.deep.equal(["processed", null]);
  return facts === undefined ? [] : [facts];
}

/** All subsets of a few events; of many events, those without a start, an end, or one event. */
function subsetsOf<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length <= 6) {
    return Array.from({ length: 2 ** items.length }, (_, bits) =>
      items.filter((_, n) => (bits >> n) % 2 === 1),
    );
  }
  return items.flatMap((_, n) => [items.slice(n), items.slice(0, n), items.toSpliced(n, 1)]);
}

type Reconciled = { readonly ledger: DerivedLedger; readonly published: readonly EventBody[] };

/** Reconciles a store that has these facts with Stripe's lists, as a run does. */
async function reconciled(
  known: readonly EventFacts[],
  listed: ReturnType<typeof listedOf>,
): Promise<Reconciled> {
  const present = [...known];
  const published: EventBody[] = [];
  const store = { facts: async () => present } as unknown as ReconciliationStore;
  const deps = { store, payments, scope, apiVersion: "2026-10-28.endive", through, intentsFrom: new Date(0) };
  for (const stage of ["payment_intent", "charge", "refund", "dispute"] as const) {
    const { toPublish } = await inspectObjects(stage, listed.get(stage) ?? [], deps);
    published.push(...toPublish);
    present.push(...toPublish.flatMap(({ body }) => factsOf(body)));
    expect((await inspectObjects(stage, listed.get(stage) ?? [], deps)).toPublish).to.deep.equal([]);
  }
  return { ledger: deriveLedger(present), published };
}

function totalsOf({ entries, gaps }: DerivedLedger): Record<string, bigint> {
  const sum = (...kinds: readonly string[]): bigint =>
    entries.filter(({ kind }) => kinds.includes(kind)).reduce((total, { amount }) => total + amount, 0n);
  return {
    gross: sum("payment"),
    refunded: -sum("refund", "refund_reversal"),
    disputed: -sum("dispute", "dispute_reversal"),
    gaps: BigInt(gaps.length),
  };
}

describe("reconciling with Stripe's lists", () => {
  for (const name of readdirSync(folder)) {
    const events = eventsOf(name);
    const facts = events.map((event) => factsOf(Buffer.from(JSON.stringify(event))));
    const whole = deriveLedger(facts.flat());
    const listed = listedOf(events);

    it(`publishes nothing when all of ${name} is known`, async () => {
      expect((await reconciled(facts.flat(), listed)).published).to.deep.equal([]);
    });

    it(`produces the totals of ${name} without any of its events`, async () => {
      const { ledger } = await reconciled([], listed);
      expect(totalsOf(ledger)).to.deep.equal({ ...totalsOf(whole), ...unlisted[name] });
    });

    it(`produces the totals of ${name} from any subset of its events`, async () => {
      for (const some of subsetsOf(facts)) {
        const got = some.flat().map(({ eventId, type }) => `${eventId} ${type}`);
        const before = totalsOf(deriveLedger(some.flat()));
        const { ledger } = await reconciled(some.flat(), listed);
        const expected = { ...totalsOf(whole), ...(before["disputed"] === 0n && unlisted[name]) };
        expect(totalsOf(ledger), got.join(", ")).to.deep.equal(expected);
      }
    });
  }
});
