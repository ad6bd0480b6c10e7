import { type EventRecord, TakingsError, type IsolationLog } from "@takings/domain";
import type { Delivery } from "@takings/nats";
import { eventWithEntry } from "@takings/testkit";
import { expect } from "chai";
import { beforeEach, describe, it } from "mocha";
import { isSuspect, type IsolationDependencies, isolateSuspects } from "../src/isolate-suspects.ts";

function delivery(sequence: number, deliveryCount = 99): Delivery {
  return {
    body: new TextEncoder().encode(`body ${sequence}`),
    subject: "stripe.events.invoice.paid",
    receivedAt: new Date(0),
    position: { stream: "s", sequence },
    deliveryCount,
    header: (name) => (name === "Nats-Msg-Id" ? `evt_${sequence}` : undefined),
  };
}

describe("poison isolation", () => {
  /** Unfinished attempts by sequence, as the database would keep them. */
  let journal: Map<number, number>;
  let committed: EventRecord[][];
  let read: number[];
  let stopping: AbortController;
  beforeEach(() => {
    [journal, committed, read, stopping] = [new Map(), [], [], new AbortController()];
  });

  const isolationLog: IsolationLog = {
    unfinished: async (positions) => positions.map(({ sequence }) => journal.get(sequence) ?? 0),
    begin: async ({ sequence }) => void journal.set(sequence, (journal.get(sequence) ?? 0) + 1),
    end: async ({ sequence }) => void journal.delete(sequence),
  };
  const dependencies = (different: Partial<IsolationDependencies> = {}): IsolationDependencies => ({
    read: ({ body }) => {
      const sequence = Number(Buffer.from(body).toString().replace("body ", ""));
      read.push(sequence);
      return eventWithEntry({ eventId: `evt_${sequence}` });
    },
    isolationLog,
    stopping: stopping.signal,
    commit: async (_, records) => void committed.push([...records]),
    persist: (work) => work(),
    ...different,
  });

  it("starts with the third delivery", () => {
    expect([1, 2, 3, 4].map((count) => isSuspect(delivery(1, count)))).to.deep.equal([
      false,
      false,
      true,
      true,
    ]);
  });

  it("commits each suspect alone, those with the fewest attempts first, and removes the attempts", async () => {
    journal = new Map([
      [1, 2],
      [2, 1],
    ]);
    await isolateSuspects([delivery(1), delivery(2), delivery(3)], dependencies());
    expect(committed.map((group) => group.map(({ eventId }) => eventId))).to.deep.equal([
      ["evt_3"],
      ["evt_2"],
      ["evt_1"],
    ]);
    expect(journal.size).to.equal(0);
  });

  it("logs an attempt before it reads the body", async () => {
    const looking = (): EventRecord => {
      throw new Error("the process is gone");
    };
    await isolateSuspects([delivery(1)], dependencies({ read: looking })).catch(() => {});
    expect(journal.get(1)).to.equal(1);
    expect(committed).to.deep.equal([]);
  });

  it("quarantines unparsed what crashed the process three times", async () => {
    journal = new Map([[1, 3]]);
    await isolateSuspects([delivery(1), delivery(2)], dependencies());
    expect(read).to.deep.equal([2]);
    expect(committed.flat().map(({ eventId, type, status }) => [eventId, type, status])).to.deep.equal([
      ["evt_2", "payment_intent.succeeded", "processed"],
      ["evt_1", "invoice.paid", "quarantined"],
    ]);
  });

  it("identifies another copy of an event, which has no id for the server, by its other header", async () => {
    journal.set(1, 3);
    const copy: Delivery = {
      ...delivery(1),
      header: (name) => (name === "Takings-Event-Id" ? "evt_copied" : undefined),
    };
    await isolateSuspects([copy], dependencies());
    expect(committed.flat().map(({ eventId }) => eventId)).to.deep.equal(["evt_copied"]);
  });

  it("quarantines nothing because of its delivery count, which every restart during an outage raises", async () => {
    await isolateSuspects([delivery(1, 10_000)], dependencies());
    expect(committed.flat().map(({ status }) => status)).to.deep.equal(["processed"]);
  });

  it("does not count an unavailable database against an event", async () => {
    let attempts = 0;
    const away: Partial<IsolationDependencies> = {
      commit: async () => {
        attempts += 1;
        throw new TakingsError("unavailable", "away");
      },
      // The process is stopped in the middle of an outage.
      persist: async (work) => work().catch(() => undefined),
    };
    for (const _ of [1, 2, 3, 4, 5]) await isolateSuspects([delivery(1)], dependencies(away));
    expect([attempts, journal.size]).to.deep.equal([5, 0]);
  });

  it("leaves the rest when the service is stopping", async () => {
    await isolateSuspects(
      [delivery(1), delivery(2)],
      dependencies({
        commit: async (_, records) => {
          committed.push([...records]);
          stopping.abort();
        },
      }),
    );
    expect(committed).to.have.length(1);
  });
});
