import { request } from "node:http";
import { TakingsError } from "@takings/domain";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { type TestResponse, type TestServer, startTestServer } from "./test-server.ts";
import { stubReader } from "./stub-reader.ts";

describe("what cannot be answered", () => {
  let service: TestServer;

  before(async () => {
    service = await startTestServer(
      stubReader({
        sums: () => Promise.reject(new TakingsError("unavailable", "connect ECONNREFUSED 10.0.0.7:5432")),
        entries: () => Promise.reject(new Error("relation takings.secret does not exist")),
        // Never settles: a question that nobody answers.
        events: () => new Promise(() => {}),
      }),
      { deadlineMs: 50 },
    );
  });

  after(() => service.close());

  function seen({ status, headers, body }: TestResponse): unknown[] {
    return [status, headers.get("content-type")?.split(";")[0], (body as { title: string }).title];
  }

  it("is 503 with Retry-After and no word of the reason when the store is away", async () => {
    const answer = await service.get("/v1/revenue");
    expect(seen(answer)).to.deep.equal([503, "application/problem+json", "Service Unavailable"]);
    expect(Number(answer.headers.get("retry-after"))).to.be.greaterThan(0);
    expect(JSON.stringify(answer.body)).to.not.match(/ECONN|10\.0\.0\.7/);
  });

  it("is 500 and no word of the reason when the service is at fault", async () => {
    const answer = await service.get("/v1/ledger");
    expect(seen(answer)).to.deep.equal([500, "application/problem+json", "Internal Server Error"]);
    expect(JSON.stringify(answer.body)).to.not.include("relation");
  });

  it("is 503 when the store takes too long", async () => {
    expect(seen(await service.get("/v1/events"))[0]).to.equal(503);
  });

  it("is 404 at a path that is not there", async () => {
    const answer = await service.get("/v2/revenue");
    expect(seen(answer)).to.deep.equal([404, "application/problem+json", "Not Found"]);
  });

  for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    it(`is 405 with ${method}, and says what is allowed`, async () => {
      const answer = await service.get("/v1/revenue", { method });
      const allowed = answer.headers.get("allow");
      expect([...seen(answer), allowed]).to.deep.equal([
        405,
        "application/problem+json",
        "Method Not Allowed",
        "GET, HEAD",
      ]);
    });
  }

  it("is 400 when the path has a malformed percent-encoding", async () => {
    const answers = [await service.get("/v1/events/%zz"), await service.get("/v1/payments/%ff")];
    expect(answers.map((answer) => seen(answer)[0])).to.deep.equal([400, 400]);
  });

  it("is 400 and not a fault when the query string is no encoding of anything", async () => {
    expect(await statusOf(service.url, "/v1/revenue?from=%ff%zz&%=%")).to.equal(400);
  });
});

/** Sends a path as it is, which `fetch` would mend. */
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
