import type { LedgerEntry } from "@takings/domain";
import { TakingsError } from "@takings/domain";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import type { AppDependencies } from "../src/http/app.ts";
import { rawGet } from "./raw-get.ts";
import { type TestServer, startTestServer } from "./test-server.ts";
import { stubReader } from "./stub-reader.ts";

function entry(index: number): LedgerEntry {
  const text = String(index).padStart(10, "0");
  return {
    id: `le_${text}`,
    kind: "payment",
    amount: 100n,
    currency: "usd",
    occurredAt: "2024-05-01T00:00:00Z",
    recordedAt: "2024-05-01T00:00:00Z",
    objectId: `pi_${text}`,
    paymentIntent: null,
    eventId: `evt_${text}`,
    source: "default",
    account: null,
    livemode: true,
  };
}

const fullPage = (limit: number): LedgerEntry[] => Array.from({ length: limit }, (_, index) => entry(index));
const formats = ["text/csv", "application/x-ndjson"];

describe("a stream that is cut short", () => {
  let service: TestServer;
  let pages = 0;

  afterEach(() => service.close());

  /** Serves an endless ledger, or one that fails after some pages. */
  async function serveEndless(
    lastGoodPage = Number.POSITIVE_INFINITY,
    different: Partial<AppDependencies> = {},
  ): Promise<void> {
    pages = 0;
    service = await startTestServer(
      stubReader({
        async entries(_, { limit }) {
          pages += 1;
          if (pages > lastGoodPage) throw new TakingsError("unavailable", "the database went away");
          return fullPage(limit);
        },
      }),
      different,
    );
  }

  for (const accept of formats) {
    it(`by a failure does not look complete as ${accept}`, async () => {
      await serveEndless(3);
      const response = await fetch(`${service.url}/v1/ledger`, { headers: { accept } });
      const read = await response.text().then(
        () => "complete",
        () => "broken off",
      );
      expect([response.status, read]).to.deep.equal([200, "broken off"]);
    });

    it(`by a failure does not look complete as ${accept} in HTTP/1.0, where the connection's end ends the body`, async () => {
      await serveEndless(3);
      const got = await rawGet(service.url, "/v1/ledger", { accept }, "1.0");
      expect((await got.rest()).failure).to.equal("ECONNRESET");
    });
  }

  it("before its first row is an ordinary problem response", async () => {
    await serveEndless(0);
    const { status, headers } = await service.get("/v1/ledger", { headers: { accept: "text/csv" } });
    expect([status, Number(headers.get("retry-after")) > 0]).to.deep.equal([503, true]);
  });

  it("by a client that disconnects stops reading", async () => {
    await serveEndless();
    const got = await rawGet(service.url, "/v1/ledger", { accept: "text/csv" });
    got.socket.resume();
    await eventually("some pages to be read", () => pages > 5);
    got.socket.destroy();
    let seen = -1;
    await eventually("reading to stop", async () => {
      const before = seen;
      seen = pages;
      await new Promise((resolve) => setImmediate(resolve));
      return before === seen && pages === seen;
    });
    expect((await service.get("/v1/revenue")).status).to.equal(200);
  });

  it("because its client reads too slowly frees its slot", async () => {
    await serveEndless(undefined, {
      streamLimits: { perCaller: 1, total: 1 },
      streamTimeouts: { pageMs: 50, totalMs: 600_000 },
    });
    const got = await rawGet(service.url, "/v1/ledger", { accept: "text/csv" });
    await eventually("the stream to begin", () => pages > 0);
    const stream = { method: "HEAD", headers: { accept: "text/csv" } };
    await eventually("a free slot", async () => (await service.get("/v1/ledger", stream)).status === 200);
    expect((await got.rest()).failure).to.equal("ECONNRESET");
  });

  it("because it takes too long does not look complete, however fast its client is", async () => {
    await serveEndless(undefined, { streamTimeouts: { pageMs: 60_000, totalMs: 50 } });
    const got = await rawGet(service.url, "/v1/ledger", { accept: "text/csv" });
    expect((await got.rest()).failure).to.equal("ECONNRESET");
  });

  it("is read only as fast as its client reads", async () => {
    await serveEndless();
    const got = await rawGet(service.url, "/v1/ledger", { accept: "application/x-ndjson" });
    let held = 0;
    // If reading continued, hundreds of pages would be read between two samples.
    await eventually("reading to pause", async () => {
      const before = held;
      held = pages;
      for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      return held > 0 && before === held && pages === held;
    });
    got.socket.destroy();
    // What the socket buffers hold: a few megabytes at most.
    expect(held).to.be.lessThan(60);
  });
});
