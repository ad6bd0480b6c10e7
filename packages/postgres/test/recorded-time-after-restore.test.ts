import { eventWithEntry } from "@takings/testkit";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import { createTestStore, sortable, type TestStore } from "./test-store.ts";

describe("recorded time after a restore to a moment before the latest that readers were given", () => {
  /** The latest that readers were given before the restore: recorded time was ahead of the clock. */
  const given = new Date(Date.now() + 3_600_000).toISOString();
  let store: TestStore;
  beforeEach(async () => {
    store = await createTestStore();
  });
  afterEach(() => store.close());

  async function recordedNext(): Promise<string> {
    await store.writer.record([eventWithEntry({ eventId: "evt_replayed" })]);
    return store.reader.safeReadTime();
  }

  it("could be given twice", async () => {
    expect(sortable(await recordedNext()) < sortable(given)).to.equal(true);
  });

  it("is not given twice when the owner inserts the latest, as the runbook says", async () => {
    await store.admin.query(
      `set role takings_migrator; insert into takings.recordings (recorded_at) values ('${given}')`,
    );
    expect(sortable(await recordedNext()) > sortable(given)).to.equal(true);
  });
});
