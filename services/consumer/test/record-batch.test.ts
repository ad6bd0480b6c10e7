import { type EventRecord, type PaymentWriter, TakingsError } from "@takings/domain";
import { eventSaying } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { recordBatch } from "../src/record-batch.ts";

/** A store that refuses any batch with one of these events in it, unless it comes without claims. */
function storeRefusing(
  refusedIds: readonly string[],
): PaymentWriter & { readonly stored: Map<string, EventRecord> } {
  const stored = new Map<string, EventRecord>();
  return {
    stored,
    record: async (batch) => {
      const isRefused = (event: EventRecord): boolean =>
        refusedIds.includes(event.eventId) && event.claims.length > 0;
      if (batch.some(isRefused)) throw new TakingsError("invalid", "too large");
      for (const event of batch) stored.set(event.eventId, event);
      return new Set(batch.map((event) => event.eventId));
    },
  };
}

const batch = Array.from({ length: 17 }, (_, n) => eventSaying({ eventId: `evt_${n}` }));

describe("a batch that the store refuses", () => {
  for (const refusedIds of [["evt_0"], ["evt_16"], ["evt_3", "evt_4"], batch.map((event) => event.eventId)]) {
    it(`is recorded whole but for ${refusedIds.length} quarantined event(s): ${refusedIds[0]} …`, async () => {
      const store = storeRefusing(refusedIds);
      const { fresh, records } = await recordBatch(store, batch);
      expect(fresh.size).to.equal(17);
      expect(records.map((record) => record.eventId)).to.deep.equal(batch.map((event) => event.eventId));
      const quarantined = [...store.stored.values()].filter((event) => event.status === "quarantined");
      expect(quarantined.map((event) => event.eventId)).to.deep.equal(refusedIds);
      expect(quarantined[0]?.reason).to.equal("refused by the store: too large");
    });
  }

  it("stays to be tried again when even the bare event is refused, so that nothing is dropped", async () => {
    const record = async (): Promise<never> => {
      throw new TakingsError("invalid", "no");
    };
    const failure = await recordBatch({ record }, batch.slice(0, 1)).catch((error: unknown) => error);
    expect(failure).to.include({ code: "unavailable" });
  });

  it("is not taken apart when the store is merely away", async () => {
    let attempts = 0;
    const record = async (): Promise<never> => {
      attempts += 1;
      throw new TakingsError("unavailable", "away");
    };
    const failure = await recordBatch({ record }, batch).catch((error: unknown) => error);
    expect(failure).to.include({ code: "unavailable" });
    expect(attempts).to.equal(1);
  });
});
