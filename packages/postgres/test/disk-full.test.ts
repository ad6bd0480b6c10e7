import { randomBytes } from "node:crypto";
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EventRecord } from "@takings/domain";
import { canHaveSmallDisk, eventWithEntry, eventually, smallDisk, testPostgres } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { createPaymentWriter } from "../src/record/payment-writer.ts";
import { poolOf } from "./test-store.ts";

const what = "a full disk below PostgreSQL";

/** A batch that cannot be compressed. */
function largeBatch(n: number): EventRecord[] {
  return Array.from({ length: 20 }, (_, index) => ({
    ...eventWithEntry({ eventId: `evt_${n}_${index}` }),
    payload: randomBytes(200_000),
  }));
}

if (canHaveSmallDisk(what)) {
  describe(`${what} (fault 44)`, function () {
    this.timeout(120_000);

    it("fails the whole batch as retryable; the retry succeeds when there is space again", async () => {
      using disk = smallDisk(220_000_000);
      await using server = await testPostgres(disk.path);
      const pool = poolOf(server.writerUrl);
      const writer = createPaymentWriter(pool);
      const { bavail, bsize } = statfsSync(disk.path);
      const ballast = join(disk.path, "ballast");
      writeFileSync(ballast, new Uint8Array(bavail * bsize - 12_000_000));
      let batch = largeBatch(0);
      let failure: unknown;
      for (let n = 0; n < 20 && failure === undefined; n += 1) {
        batch = largeBatch(n);
        failure = await writer.record(batch).then(
          () => undefined,
          (error: unknown) => error,
        );
      }
      expect(failure).to.include({ name: "TakingsError", code: "unavailable" });
      rmSync(ballast);
      // If the write-ahead log could not be written, the server has ended, or will.
      const repeat = async (): Promise<ReadonlyMap<string, EventRecord>> => {
        await server.start();
        return writer.record(batch);
      };
      const fresh = await eventually("the repetition", repeat, 60_000);
      expect(fresh.size).to.equal(20);
      await pool.end();
    });
  });
}
