import type { LedgerEntry } from "@takings/domain";
import { createLogger } from "@takings/runtime";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import type { AppDeps } from "../src/app.ts";
import { createQuestionTurns } from "../src/question-turns.ts";
import { loadTokens } from "../src/tokens.ts";
import { type RawGet, rawGet } from "./raw-get.ts";
import { type Answer, type Serving, serve } from "./serving.ts";
import { readerThat } from "./stub-reader.ts";

const log = createLogger({ service: "test", level: "silent" });
const authorization = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });

function seen({ status, headers }: Answer): unknown[] {
  return [status, headers.get("content-type")?.split(";")[0], Number(headers.get("retry-after")) > 0];
}

describe("the turns of callers", () => {
  let service: Serving;
  const open: RawGet[] = [];
  /** Ends the readings in progress, in their order. */
  const reading: (() => void)[] = [];

  afterEach(async () => {
    for (const end of reading.splice(0)) end();
    for (const { socket } of open.splice(0)) socket.destroy();
    await service.close();
  });

  /** Readings of the ledger last until they are told to end; those of totals are done at once. */
  async function serveSlow(limits: Partial<AppDeps["questionLimits"]>): Promise<void> {
    const entries = (): Promise<LedgerEntry[]> => {
      const told = Promise.withResolvers<LedgerEntry[]>();
      reading.push(() => told.resolve([]));
      return told.promise;
    };
    service = await serve(readerThat({ entries }), {
      questionLimits: { perCaller: 2, total: 4, waitingPerCaller: 10, patienceMs: 60_000, ...limits },
      isAccepted: loadTokens({ text: "first,second,third", file: undefined }, log),
    });
  }

  const ask = (token: string, path = "/v1/ledger"): Promise<Answer> =>
    service.get(path, { headers: authorization(token) });

  it("leave a caller with slow questions waiting for its own, and everybody else alone", async () => {
    await serveSlow({});
    const slow = ["first", "first", "first", "first"].map((token) => ask(token));
    await eventually("two to begin", () => reading.length === 2);
    expect((await ask("second", "/v1/revenue")).status).to.equal(200);
    expect(reading).to.have.length(2);
    for (let ended = 0; ended < 4; ended += 1) {
      await eventually("the next to begin", () => reading.length > 0);
      reading.shift()?.();
    }
    expect((await Promise.all(slow)).map(({ status }) => status)).to.deep.equal([200, 200, 200, 200]);
  });

  it("are refused with 429 to a caller that has its share for too long", async () => {
    await serveSlow({ patienceMs: 20 });
    const asked = [ask("first"), ask("first")];
    await eventually("two to begin", () => reading.length === 2);
    expect(seen(await ask("first", "/v1/revenue"))).to.deep.equal([429, "application/problem+json", true]);
    for (const end of reading.splice(0)) end();
    await Promise.all(asked);
  });

  it("are refused with 429 at once to a caller with too many who wait", async () => {
    await serveSlow({ perCaller: 1, waitingPerCaller: 0 });
    const first = ask("first");
    await eventually("one to begin", () => reading.length === 1);
    expect(seen(await ask("first", "/v1/revenue"))).to.deep.equal([429, "application/problem+json", true]);
    reading.shift()?.();
    expect((await first).status).to.equal(200);
  });

  it("are refused with 503 to a caller who has none when others have all of them for too long", async () => {
    await serveSlow({ patienceMs: 20 });
    const asked = ["first", "first", "second", "second"].map((token) => ask(token));
    await eventually("four to begin", () => reading.length === 4);
    expect(seen(await ask("third", "/v1/revenue"))).to.deep.equal([503, "application/problem+json", true]);
    for (const end of reading.splice(0)) end();
    await Promise.all(asked);
  });

  it("last until the reading is over, also when its client has left", async () => {
    await serveSlow({ perCaller: 1, patienceMs: 20 });
    open.push(await rawGet(service.url, "/v1/ledger", authorization("first")));
    await eventually("the reading to begin", () => reading.length === 1);
    open[0]?.socket.destroy();
    expect((await ask("first", "/v1/revenue")).status).to.equal(429);
    reading.shift()?.();
    await eventually("a turn", async () => (await ask("first", "/v1/revenue")).status === 200);
  });
});

describe("the next turn", () => {
  const { signal } = new AbortController();
  const limits = { perCaller: 2, total: 2, waitingPerCaller: 10, patienceMs: 60_000 };

  it("is for the caller who has the fewest, however long others have been waiting", async () => {
    const takeTurn = createQuestionTurns(limits);
    const ends = [await takeTurn({ caller: "a", signal }), await takeTurn({ caller: "a", signal })];
    const order: string[] = [];
    const waiting = ["a", "a", "b"].map(async (caller) => {
      const end = await takeTurn({ caller, signal });
      order.push(caller);
      end();
    });
    for (const end of ends) end();
    await Promise.all(waiting);
    expect(order).to.deep.equal(["b", "a", "a"]);
  });

  it("comes in the order of asking to one caller's own questions", async () => {
    const takeTurn = createQuestionTurns({ ...limits, total: 1 });
    const end = await takeTurn({ caller: "a", signal });
    const order: number[] = [];
    const waiting = [1, 2, 3].map(async (number) => {
      const endOfOwn = await takeTurn({ caller: "a", signal });
      order.push(number);
      endOfOwn();
    });
    end();
    await Promise.all(waiting);
    expect(order).to.deep.equal([1, 2, 3]);
  });

  it("is not for a client that has left while it waited", async () => {
    const takeTurn = createQuestionTurns({ ...limits, total: 1 });
    const end = await takeTurn({ caller: "a", signal });
    const leaving = new AbortController();
    const left = takeTurn({ caller: "b", signal: leaving.signal }).catch((reason: unknown) => reason);
    const waiting = takeTurn({ caller: "a", signal });
    leaving.abort("left");
    end();
    expect([await left, typeof (await waiting)]).to.deep.equal(["left", "function"]);
  });
});
