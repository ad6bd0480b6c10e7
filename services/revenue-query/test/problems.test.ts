import { request } from "node:http";
import { TakingsError } from "@takings/domain";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { type TestResponse, type TestServer, startTestServer } from "./test-server.ts";
import { stubReader } from "./stub-reader.ts";

describe("the problem response", () => {
  let service: TestServer;

  before(async () => {
    service = await startTestServer(
      stubReader({
        sums: () => Promise.reject(new TakingsError("unavailable", "connect ECONNREFUSED 10.0.0.7:5432")),
        entries: () => Promise.reject(new Error("relation takings.secret does not exist")),
        // Never settles.
        events: () => new Promise(() => {}),
      }),
      { deadlineMs: 50 },
    );
  });

  after(() => service.close());

  function seen({ status, headers, body }: TestResponse): unknown[] {
    return [status, headers.get("content-type")?.split(";")[0], (body as { title: string }).title];
  }

  it("is 503 with Retry-After, without the cause, when the database is unavailable", async () => {
    const response = await service.get("/v1/revenue");
    expect(seen(response)).to.deep.equal([503, "application/problem+json", "Service Unavailable"]);
    expect(Number(response.headers.get("retry-after"))).to.be.greaterThan(0);
    expect(JSON.stringify(response.body)).to.not.match(/ECONN|10\.0\.0\.7/);
  });

  it("is 500, without the cause, when the service fails", async () => {
    const response = await service.get("/v1/ledger");
    expect(seen(response)).to.deep.equal([500, "application/problem+json", "Internal Server Error"]);
    expect(JSON.stringify(response.body)).to.not.include("relation");
  });

  it("is 503 when the database takes too long", async () => {
    expect(seen(await service.get("/v1/events"))[0]).to.equal(503);
  });

  it("is 404 for an unknown path", async () => {
    const response = await service.get("/v1/nope");
    expect(seen(response)).to.deep.equal([404, "application/problem+json", "Not Found"]);
  });

  for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    it(`is 405 for ${method}, and lists the allowed methods`, async () => {
      const response = await service.get("/v1/revenue", { method });
      const allowed = response.headers.get("allow");
      expect([...seen(response), allowed]).to.deep.equal([
        405,
        "application/problem+json",
        "Method Not Allowed",
        "GET, HEAD",
      ]);
    });
  }

  it("is 400 for a malformed percent-encoding in the path", async () => {
    const responses = [await service.get("/v1/events/%zz"), await service.get("/v1/payments/%ff")];
    expect(responses.map((response) => seen(response)[0])).to.deep.equal([400, 400]);
  });

  it("is 400 for a malformed percent-encoding in the query string", async () => {
    expect(await statusOf(service.url, "/v1/revenue?from=%ff%zz&%=%")).to.equal(400);
  });
});

/** Sends a path unchanged; `fetch` would normalise it. */
function statusOf(url: string, path: string): Promise<number | undefined> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const headers = { connection: "close" };
    request({ hostname, port, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}
