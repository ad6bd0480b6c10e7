import type { LedgerEntry } from "@takings/domain";
import { createLogger } from "@takings/runtime";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import type { AppDependencies } from "../src/http/app.ts";
import { createRequestQueue } from "../src/http/request-queue.ts";
import { loadTokens } from "../src/http/tokens.ts";
import { type RawGet, rawGet } from "./raw-get.ts";
import { type TestResponse, type TestServer, startTestServer } from "./test-server.ts";
import { stubReader } from "./stub-reader.ts";

const log = createLogger({ service: "test", level: "silent" });
const authorization = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });

function seen({ status, headers }: TestResponse): unknown[] {
  return [status, headers.get("content-type")?.split(";")[0], Number(headers.get("retry-after")) > 0];
}

describe("the request queue", () => {
  let service: TestServer;
  const open: RawGet[] = [];
  /** Ends the reads in progress, oldest first. */
  const reading: (() => void)[] = [];

  afterEach(async () => {
    for (const end of reading.splice(0)) end();
    for (const { socket } of open.splice(0)) socket.destroy();
    await service.close();
  });

  /** Reads of the ledger last until they are ended; reads of totals end at once. */
  async function serveSlow(limits: Partial<AppDependencies["queueLimits"]>): Promise<void> {
    const entries = (): Promise<LedgerEntry[]> => {
      const ended = Promise.withResolvers<LedgerEntry[]>();
      reading.push(() => ended.resolve([]));
      return ended.promise;
    };
    service = await startTestServer(stubReader({ entries }), {
      queueLimits: { perCaller: 2, total: 4, queuedPerCaller: 10, queueTimeoutMs: 60_000, ...limits },
      tokens: loadTokens({ text: "first,second,third", file: undefined }, log),
    });
  }

  const send = (token: string, path = "/v1/ledger"): Promise<TestResponse> =>
    service.get(path, { headers: authorization(token) });

  it("makes a caller with slow requests wait for its own requests, and delays no other caller", async () => {
    await serveSlow({});
    const slow = ["first", "first", "first", "first"].map((token) => send(token));
    await eventually("two to begin", () => reading.length === 2);
    expect((await send("second", "/v1/revenue")).status).to.equal(200);
    expect(reading).to.have.length(2);
    for (let ended = 0; ended < 4; ended += 1) {
      await eventually("the next to begin", () => reading.length > 0);
      reading.shift()?.();
    }
    expect((await Promise.all(slow)).map(({ status }) => status)).to.deep.equal([200, 200, 200, 200]);
  });

  it("responds with 429 to a caller whose slots stay occupied for too long", async () => {
    await serveSlow({ queueTimeoutMs: 20 });
    const pending = [send("first"), send("first")];
    await eventually("two to begin", () => reading.length === 2);
    expect(seen(await send("first", "/v1/revenue"))).to.deep.equal([429, "application/problem+json", true]);
    for (const end of reading.splice(0)) end();
    await Promise.all(pending);
  });

  it("responds with 429 at once to a caller with too many waiting requests", async () => {
    await serveSlow({ perCaller: 1, queuedPerCaller: 0 });
    const first = send("first");
    await eventually("one to begin", () => reading.length === 1);
    expect(seen(await send("first", "/v1/revenue"))).to.deep.equal([429, "application/problem+json", true]);
    reading.shift()?.();
    expect((await first).status).to.equal(200);
  });

  it("responds with 503 to a caller without a slot when others occupy all slots for too long", async () => {
    await serveSlow({ queueTimeoutMs: 20 });
    const pending = ["first", "first", "second", "second"].map((token) => send(token));
    await eventually("four to begin", () => reading.length === 4);
    expect(seen(await send("third", "/v1/revenue"))).to.deep.equal([503, "application/problem+json", true]);
    for (const end of reading.splice(0)) end();
    await Promise.all(pending);
  });

  it("holds a slot until the read ends, even if the client has disconnected", async () => {
    await serveSlow({ perCaller: 1, queueTimeoutMs: 20 });
    open.push(await rawGet(service.url, "/v1/ledger", authorization("first")));
    await eventually("the read to begin", () => reading.length === 1);
    open[0]?.socket.destroy();
    expect((await send("first", "/v1/revenue")).status).to.equal(429);
    reading.shift()?.();
    await eventually("a free slot", async () => (await send("first", "/v1/revenue")).status === 200);
  });
});

describe("the next free slot", () => {
  const { signal } = new AbortController();
  const limits = { perCaller: 2, total: 2, queuedPerCaller: 10, queueTimeoutMs: 60_000 };

  it("goes to the caller with the fewest running requests, however long others have waited", async () => {
    const acquireSlot = createRequestQueue(limits);
    const ends = [await acquireSlot({ caller: "a", signal }), await acquireSlot({ caller: "a", signal })];
    const order: string[] = [];
    const waiting = ["a", "a", "b"].map(async (caller) => {
      const end = await acquireSlot({ caller, signal });
      order.push(caller);
      end();
    });
    for (const end of ends) end();
    await Promise.all(waiting);
    expect(order).to.deep.equal(["b", "a", "a"]);
  });

  it("goes to the requests of one caller in the order in which they arrived", async () => {
    const acquireSlot = createRequestQueue({ ...limits, total: 1 });
    const end = await acquireSlot({ caller: "a", signal });
    const order: number[] = [];
    const waiting = [1, 2, 3].map(async (number) => {
      const endOfOwn = await acquireSlot({ caller: "a", signal });
      order.push(number);
      endOfOwn();
    });
    end();
    await Promise.all(waiting);
    expect(order).to.deep.equal([1, 2, 3]);
  });

  it("does not go to a client that disconnected while it waited", async () => {
    const acquireSlot = createRequestQueue({ ...limits, total: 1 });
    const end = await acquireSlot({ caller: "a", signal });
    const leaving = new AbortController();
    const left = acquireSlot({ caller: "b", signal: leaving.signal }).catch((reason: unknown) => reason);
    const waiting = acquireSlot({ caller: "a", signal });
    leaving.abort("left");
    end();
    expect([await left, typeof (await waiting)]).to.deep.equal(["left", "function"]);
  });
});
