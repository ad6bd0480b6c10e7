import { expect } from "chai";
import { describe, it } from "mocha";
import { createRoundSaver } from "../../src/balance/round-saver.ts";

const round = { began: new Date(0), rereadsMembers: false };
const options = { readAt: () => new Date(0), stopping: new AbortController().signal };

describe("a saver of rounds", () => {
  it("saves a position only once everything that was published before is committed", async () => {
    const committed = Promise.withResolvers<void>();
    const events: string[] = [];
    const saver = createRoundSaver({
      ...options,
      commits: { drain: () => committed.promise.then(() => void events.push("committed")) },
      store: { saveRound: async () => void events.push("saved") },
      fail: () => events.push("failed"),
    });
    saver.save(round);
    committed.resolve();
    await saver.settle();
    expect(events).to.deep.equal(["committed", "saved"]);
  });

  it("reports a failure when it happens, and saves nothing", async () => {
    const failed = Promise.withResolvers<unknown>();
    const saver = createRoundSaver({
      ...options,
      commits: { drain: () => Promise.reject(new Error("the consumer does not run")) },
      store: { saveRound: () => Promise.reject(new Error("was saved")) },
      fail: failed.resolve,
    });
    saver.save(round);
    expect(await failed.promise).to.match(/the consumer does not run/);
    expect(await saver.settle().catch(String)).to.match(/the consumer does not run/);
  });
});
