import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import {
  createPaymentService,
  type LedgerSum,
  type PaymentReader,
  type PaymentWriter,
} from "@takings/domain";
import { advanceMeter, createPaymentReader, createPaymentWriter, createPool } from "@takings/postgres";
import { type TestDatabase, testDatabase } from "@takings/testkit";
import { toEventRecord } from "@takings/wire";
import { expect } from "chai";
import { afterEach, beforeEach, describe, it } from "mocha";
import type { Pool } from "pg";

const payments = createPaymentService();
const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const begin = Date.UTC(2024, 4, 1) / 1000;
const range = { from: "2024-05-01T07:07:07Z", to: "2024-05-20T00:00:00Z" } as const;

describe("takings rebuild", function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let pools: Pool[];
  let writing: Pool;
  let writer: PaymentWriter;
  let reader: PaymentReader;
  let number = 0;

  beforeEach(async () => {
    database = await testDatabase();
    pools = [database.writerUrl, database.readerUrl].map((url) =>
      createPool({ url, name: "test", max: 3, statementTimeoutMs: 10_000, onIdleError: () => {} }),
    );
    const [first, second] = pools;
    if (first === undefined || second === undefined) throw new Error("two pools");
    writing = first;
    writer = createPaymentWriter(writing);
    reader = createPaymentReader(second);
  });
  afterEach(async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    await database.drop();
  });

  /** Payments of a month, some of which an earlier event has to say otherwise later. */
  async function recordSome(): Promise<void> {
    const batch = Array.from({ length: 40 }, () => {
      number += 1;
      return toEventRecord({ body: body(number), receivedAt: new Date() }, payments);
    });
    await writer.record(batch);
  }

  /** The net of a range as answers have it, and as the entries of that moment add up to. */
  async function bothWays(): Promise<{ readonly answered: bigint; readonly added: bigint }> {
    const asOf = await reader.latestMoment();
    const filter = { asOf, ...range, currency: undefined, livemode: true, account: null };
    const [sums, entries] = [
      await reader.sums(filter),
      await reader.entries(filter, { limit: 10_000, after: undefined }),
    ];
    const net = ({ gross, refunded, disputed }: LedgerSum): bigint => gross - refunded - disputed;
    return {
      answered: sums.reduce((all, sum) => all + net(sum), 0n),
      added: entries.reduce((all, { amount }) => all + amount, 0n),
    };
  }

  it("leaves no moment of wrong answers, beside traffic and a meter that advances", async () => {
    for (let n = 0; n < 20; n += 1) await recordSome();
    await advanceMeter(writing);
    const over = new AbortController();
    const whileItLasts = async (work: () => Promise<unknown>): Promise<void> => {
      while (!over.signal.aborted) await work();
    };
    const seen: { readonly answered: bigint; readonly added: bigint }[] = [];
    const around = [
      whileItLasts(recordSome),
      whileItLasts(() => advanceMeter(writing)),
      whileItLasts(async () => seen.push(await bothWays())),
    ];
    await rebuild(database.migratorUrl);
    over.abort();
    await Promise.all(around);
    expect(seen.length).to.be.greaterThan(10);
    expect(seen.filter(({ answered, added }) => answered !== added)).to.deep.equal([]);
    expect(seen.at(-1)?.added).not.to.equal(seen[0]?.added);
  });
});

function body(n: number): Buffer {
  return Buffer.from(
    JSON.stringify({
      id: `evt_${n}`,
      type: "payment_intent.succeeded",
      created: begin + ((n * 7_919) % 700) * 3_600,
      livemode: true,
      data: { object: { id: `pi_${n % 900}`, amount_received: 100 + n, currency: "usd" } },
    }),
  );
}

async function rebuild(url: string): Promise<void> {
  const ended = Promise.withResolvers<void>();
  execFile(process.execPath, [main, "rebuild"], { env: { ...process.env, DATABASE_URL: url } }, (error) => {
    if (error === null) ended.resolve();
    else ended.reject(error);
  });
  await ended.promise;
}
