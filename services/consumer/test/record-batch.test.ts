import { type PositionedRecord, type EventRecord, type PaymentWriter, TakingsError } from "@takings/domain";
import { eventWithEntry } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { type Fallback, createRecorder } from "../src/record-batch.ts";

const fallback: Fallback = (record, why) => ({
  ...record,
  status: "quarantined",
  reason: `refused by the store: ${why}`,
  facts: undefined,
});
const well = async (): Promise<void> => {};
const away = async (): Promise<never> => {
  throw new TakingsError("unavailable", "away");
};

type FakeStore = PaymentWriter & { readonly stored: Map<string, EventRecord>; readonly attempts: number[] };

/** A writer that fails for any batch with one of these events, unless the record has no facts. */
function storeFailing(ids: readonly string[], failure: unknown): FakeStore {
  const stored = new Map<string, EventRecord>();
  const attempts: number[] = [];
  return {
    stored,
    attempts,
    record: async (batch) => {
      attempts.push(batch.length);
      if (batch.some((event) => ids.includes(event.eventId) && event.facts !== undefined)) throw failure;
      for (const event of batch) stored.set(event.eventId, event);
      return new Map(batch.map((event) => [event.eventId, event]));
    },
  };
}

const batch = Array.from({ length: 17 }, (_, n): PositionedRecord => eventWithEntry({ eventId: `evt_${n}` }));
const idsOf = (records: readonly (EventRecord | undefined)[]): (string | undefined)[] =>
  records.map((record) => record?.eventId);

describe("a batch that the database refuses", () => {
  const refusal = new TakingsError("invalid", "too large");
  for (const refusedIds of [["evt_0"], ["evt_16"], ["evt_3", "evt_4"], batch.map((event) => event.eventId)]) {
    it(`is recorded completely except for ${refusedIds.length} quarantined event(s): ${refusedIds[0]} …`, async () => {
      const store = storeFailing(refusedIds, refusal);
      const { fresh, records, stuck, error } = await createRecorder({ writer: store, probe: away })(
        batch,
        fallback,
      );
      expect([fresh.size, stuck.size, error]).to.deep.equal([17, 0, undefined]);
      expect(idsOf(records)).to.deep.equal(batch.map((event) => event.eventId));
      const quarantined = [...store.stored.values()].filter((event) => event.status === "quarantined");
      expect(quarantined.map((event) => event.eventId)).to.deep.equal(refusedIds);
      expect(quarantined[0]?.reason).to.equal("refused by the store: too large");
    });
  }

  it("leaves out an event whose fallback record is refused too, and none of the others", async () => {
    const writer: PaymentWriter = {
      record: async (events) => {
        if (events.some(({ eventId }) => eventId === "evt_5")) throw refusal;
        return new Map(events.map((event) => [event.eventId, event]));
      },
    };
    const { records, stuck, error } = await createRecorder({ writer, probe: well })(batch, fallback);
    expect(idsOf(records)).to.deep.equal(batch.map(({ eventId }, n) => (n === 5 ? undefined : eventId)));
    expect([...stuck]).to.deep.equal([[5, 1]]);
    expect(error).to.equal(refusal);
  });

  it("is reported as it was stored, where that differs from how it was read", async () => {
    const differing = { status: "quarantined", reason: "differs from an earlier reading: fee" } as const;
    const writer: PaymentWriter = {
      record: async (events) => new Map(events.map((event) => [event.eventId, { ...event, ...differing }])),
    };
    const { records } = await createRecorder({ writer, probe: well })(batch, fallback);
    expect(records.map((record) => record?.reason)).to.deep.equal(batch.map(() => differing.reason));
  });

  it("is not split when the database is only away", async () => {
    const gone = new TakingsError("unavailable", "away");
    const store = storeFailing(["evt_0"], gone);
    const { records, error } = await createRecorder({ writer: store, probe: away })(batch, fallback);
    expect(store.attempts).to.deep.equal([17]);
    expect(idsOf(records)).to.deep.equal(batch.map(() => undefined));
    expect(error).to.equal(gone);
  });
});

describe("a batch that fails while others could be stored, whatever the error", () => {
  const defect = new Error("no words about values");

  it("is narrowed down to the event, which is quarantined when it has failed alone three times", async () => {
    const store = storeFailing(["evt_9"], defect);
    const record = createRecorder({ writer: store, probe: well });
    const first = await record(batch, fallback);
    expect(idsOf(first.records)).to.deep.equal(
      batch.map(({ eventId }, n) => (n === 9 ? undefined : eventId)),
    );
    expect(first.error).to.equal(defect);
    const [nine] = batch.slice(9, 10);
    const second = await record([nine ?? expect.fail()], fallback);
    expect([...second.stuck]).to.deep.equal([[0, 2]]);
    const third = await record([nine ?? expect.fail()], fallback);
    expect(third.records[0]).to.include({ status: "quarantined" });
    expect(third.error).to.equal(undefined);
  });

  it("is narrowed down to an event whose row is locked, which is never quarantined for it", async () => {
    const store = storeFailing(["evt_9"], new TakingsError("unavailable", "lock timeout"));
    const record = createRecorder({ writer: store, probe: well });
    await record(batch, fallback);
    const alone = batch.slice(9, 10);
    for (const times of [2, 3, 4, 5]) {
      const { records, stuck } = await record(alone, fallback);
      expect(records).to.deep.equal([undefined]);
      expect([...stuck]).to.deep.equal([[0, times]]);
    }
    expect(store.stored.size).to.equal(16);
  });

  it("is halved until it succeeds, and grows again with success", async () => {
    const attempts: number[] = [];
    let most = 3;
    const writer: PaymentWriter = {
      record: async (events) => {
        attempts.push(events.length);
        if (events.length > most) throw new TakingsError("unavailable", "statement timeout");
        return new Map(events.map((event) => [event.eventId, event]));
      },
    };
    const record = createRecorder({ writer, probe: well });
    const { records, error } = await record(batch, fallback);
    expect([idsOf(records).includes(undefined), error]).to.deep.equal([false, undefined]);
    expect(attempts.slice(0, 4)).to.deep.equal([17, 9, 5, 3]);
    most = Infinity;
    attempts.length = 0;
    await record(batch, fallback);
    await record(batch, fallback);
    expect(attempts.at(-1)).to.equal(17);
  });
});
