import { expect } from "chai";
import { describe, it } from "mocha";
import { createCommitWatch } from "../../src/balance/commit-watch.ts";

const event = (id: string) => ({ id, type: "takings.payout", created: new Date(0), body: Buffer.alloc(0) });

/** A store that has nothing until it is told so. */
function fakeStore() {
  const stored = new Set<string>();
  return {
    stored,
    missingEvents: async (ids: readonly string[]) => new Set(ids).difference(stored),
    committedMessages: async () => 0n,
  };
}

const stopping = new AbortController().signal;
const publish = async (): Promise<void> => {};
const failureOf = (work: Promise<unknown>): Promise<string> => work.then(() => "no failure", String);

describe("a watch of commits", () => {
  it("keeps the first failure, so that nobody takes what is not committed for committed", async () => {
    const store = { ...fakeStore(), missingEvents: () => Promise.reject(new Error("the database is away")) };
    const commits = createCommitWatch({ store, publish, stopping });
    const { committed } = await commits.publish([event("evt_1")]);
    for (const work of [committed, commits.drain(), commits.publish([event("evt_2")])])
      expect(await failureOf(work)).to.equal("Error: the database is away");
  });

  it("notices a batch that is published just when the one before it is committed", async () => {
    for (let turns = 0; turns < 20; turns += 1) {
      const polled = Promise.withResolvers<void>();
      const missingEvents = async (): Promise<ReadonlySet<string>> => {
        polled.resolve();
        return new Set();
      };
      const publishLate = async ({ id }: { readonly id: string }): Promise<void> => {
        if (id === "evt_1") return;
        await polled.promise;
        for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      };
      const commits = createCommitWatch({
        store: { ...fakeStore(), missingEvents },
        publish: publishLate,
        stopping,
      });
      const late = commits.publish([event("evt_2")]);
      await commits.publish([event("evt_1")]);
      await (await late).committed;
    }
  });

  it("waits only for what was published before", async () => {
    const store = fakeStore();
    const commits = createCommitWatch({ store, publish, stopping });
    await commits.publish([event("evt_1")]);
    const drained = commits.drain();
    await commits.publish([event("evt_2")]);
    store.stored.add("evt_1");
    await drained;
    store.stored.add("evt_2");
    await commits.drain();
  });

  it("finds what is committed behind events that wait, and looks for none of those behind it", async () => {
    const store = fakeStore();
    const asked: string[] = [];
    const missingEvents = async (ids: readonly string[]): Promise<ReadonlySet<string>> => {
      asked.push(...ids);
      return store.missingEvents(ids);
    };
    const ending = new AbortController();
    const commits = createCommitWatch({
      store: { ...store, missingEvents },
      publish,
      stopping: ending.signal,
    });
    const batch = (name: string, count: number) =>
      Array.from({ length: count }, (_, n) => event(`evt_${name}_${n}`));
    const committed = batch("committed", 100);
    for (const { id } of committed) store.stored.add(id);
    const published = [batch("waiting", 600), committed, batch("later", 3_000)].map(commits.publish);
    const [waiting, found] = await Promise.all(published);
    await found?.committed;
    expect(asked.length).to.be.below(2_000);
    ending.abort();
    expect(await failureOf(waiting?.committed ?? Promise.resolve())).to.include("AbortError");
  });

  it("waits while the consumer works through a backlog of other events", async () => {
    const store = fakeStore();
    let messages = 0n;
    const committedMessages = async (): Promise<bigint> => {
      messages += 1n;
      if (messages === 4n) store.stored.add("evt_1");
      return messages;
    };
    const commits = createCommitWatch({
      store: { ...store, committedMessages },
      publish,
      stopping,
      maxIdleMs: 50,
    });
    await commits.publish([event("evt_1")]);
    await commits.drain();
  });

  it("fails once the consumer commits nothing, and names it", async () => {
    const commits = createCommitWatch({ store: fakeStore(), publish, stopping, maxIdleMs: 50 });
    await commits.publish([event("evt_1")]);
    expect(await failureOf(commits.drain())).to.match(/none of 1 published readings.*consumer is running/);
  });
});
