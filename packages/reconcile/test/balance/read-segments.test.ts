import type { SyncSegment } from "@takings/domain";
import { expect } from "chai";
import { describe, it } from "mocha";
import type { BalanceList } from "../../src/balance/balance-list.ts";
import { createRateLimit } from "../../src/balance/rate-limit.ts";
import { readSegments } from "../../src/balance/read-segments.ts";
import type { Read } from "../../src/balance/stripe-balance.ts";

const newest = 1_800_000_000;

/** A list of so many objects, one a minute or every so many seconds, with a latency in milliseconds. */
function listOf(count: number, latency: number, step = 60) {
  const items = Array.from({ length: count }, (_, n) => {
    const [id, created] = [`txn_${n}`, newest - n * step];
    return { object: { id, created }, id, created };
  });
  const limit = createRateLimit(1_000);
  return {
    pages: 0,
    limitOf: () => limit,
    async page(_: string, { from = 0, to = Infinity, cursor }: SyncSegment): Promise<Read<BalanceList>> {
      this.pages += 1;
      await limit.send(() => new Promise((resolve) => setTimeout(resolve, latency)), AbortSignal.any([]));
      const inRange = items.filter(({ created }) => created >= from && created < to);
      const start = inRange.findIndex(({ id }) => id === cursor) + 1;
      const data = inRange.slice(start, start + 100);
      return {
        items: data,
        next: start + 100 < inRange.length ? data.at(-1)?.id : undefined,
        at: new Date(),
      };
    },
  };
}

async function read(
  stripe: ReturnType<typeof listOf>,
  segments: readonly SyncSegment[],
  stopAfter = Infinity,
) {
  const ids: string[] = [];
  let left = segments;
  let pages = 0;
  const failure = await readSegments(segments, {
    name: "balance_transaction",
    stripe,
    async onPage({ items }) {
      pages += 1;
      if (pages > stopAfter) throw new Error("interrupted");
      ids.push(...items.flatMap(({ id }) => id ?? []));
    },
    onProgress: async (now) => void (left = now),
    onFailure: () => {},
  }).catch((error: unknown) => error);
  return { ids, left, failure };
}

describe("reading a list in segments", () => {
  it("reads every object once, also where several lists are needed to use the limit", async () => {
    const stripe = listOf(12_345, 20);
    const { ids, left, failure } = await read(stripe, [{}]);
    expect(failure).to.equal(undefined);
    expect(ids).to.have.length(12_345);
    expect(new Set(ids).size).to.equal(12_345);
    expect(left).to.deep.equal([]);
    expect(stripe.pages).to.be.within(124, 150);
  });

  it("is as fast with a slow Stripe as the limit allows", async () => {
    const startedAt = performance.now();
    await read(listOf(20_000, 50), [{}]);
    // One list alone would take 200 times 50 ms.
    expect(performance.now() - startedAt).to.be.below(3_000);
  });

  it("reads a short list page by page, without further requests", async () => {
    const stripe = listOf(450, 20);
    await read(stripe, [{ from: newest - 450 * 60 }]);
    expect(stripe.pages).to.equal(5);
  });

  it("continues with what is left after an interruption, and misses nothing", async () => {
    const stripe = listOf(5_000, 5);
    const first = await read(stripe, [{}], 17);
    expect(String(first.failure)).to.equal("Error: interrupted");
    const second = await read(stripe, first.left);
    expect(new Set([...first.ids, ...second.ids]).size).to.equal(5_000);
    expect(second.ids).to.have.length(5_000 - first.ids.length);
  });

  it("reads every object where all have the same time", async () => {
    const { ids } = await read(listOf(1_500, 5, 0), [{}]);
    expect(ids).to.have.length(1_500);
  });
});
