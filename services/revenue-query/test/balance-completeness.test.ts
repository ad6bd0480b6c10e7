import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { stubBalance, stubReader } from "./stub-reader.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

type Completeness = { readonly complete_from: string | null; readonly complete_through: string | null };

const complete = {
  source: "default",
  platformAccount: null,
  account: null,
  livemode: true,
  known: { completeFrom: "2024-01-01T00:00:00Z", completeThrough: "2024-02-01T00:00:00Z" },
};

describe("how far an answer is complete", () => {
  let server: TestServer;
  afterEach(() => server.close());

  /** A server to whose store something is recorded between any two reads. */
  async function get(path: string): Promise<Completeness> {
    let day = 10;
    const next = (): string => `2024-03-${(day += 1)}T00:00:00Z`;
    server = await startTestServer(stubReader({ safeReadTime: async () => next() }), {
      balance: stubBalance({
        completeness: async () => [{ ...complete, known: { ...complete.known, recordedAt: next() } }],
      }),
    });
    const { status, body } = await server.get(path);
    expect(status).to.equal(200);
    return path.startsWith("/v1/revenue")
      ? (body as { settlement: Completeness }).settlement
      : (body as Completeness);
  }

  for (const path of [
    "/v1/balance",
    "/v1/balance/summary",
    "/v1/balance/transactions",
    "/v1/payouts",
    "/v1/revenue",
  ]) {
    it(`is told by ${path}, also when a round ends while it is read`, async () => {
      expect(await get(path)).to.include({
        complete_from: "2024-01-01T00:00:00Z",
        complete_through: "2024-02-01T00:00:00Z",
      });
    });
  }

  for (const path of ["/v1/balance/transactions", "/v1/payouts"]) {
    it(`is not told by ${path} as of an earlier instant, which must never change`, async () => {
      expect(await get(`${path}?as_recorded_at=2024-03-01T00:00:00Z`)).to.include({
        complete_from: null,
        complete_through: null,
      });
    });
  }
});
