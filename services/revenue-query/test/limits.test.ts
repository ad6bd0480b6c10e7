import { createLogger } from "@takings/runtime";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { loadTokens } from "../src/http/tokens.ts";
import { type RawGet, rawGet } from "./raw-get.ts";
import {
  type TestResponse,
  type TestStoreServer,
  startTestServer,
  type TestServer,
  startStoreServer,
} from "./test-server.ts";
import { stubReader } from "./stub-reader.ts";

const log = createLogger({ service: "test", level: "silent" });
const as = (token: string): { readonly headers: { readonly authorization: string } } => ({
  headers: { authorization: `Bearer ${token}` },
});

function seen({ status, headers }: TestResponse): unknown[] {
  return [status, headers.get("content-type")?.split(";")[0], Number(headers.get("retry-after")) > 0];
}

describe("the rate limit", () => {
  let service: TestServer;

  afterEach(() => service.close());

  async function statuses(times: number, token: string): Promise<number[]> {
    const all: number[] = [];
    for (let time = 0; time < times; time += 1)
      all.push((await service.get("/v1/revenue", as(token))).status);
    return all;
  }

  const tokens = loadTokens({ text: "first,second", file: undefined }, log);

  it("responds with 429 and Retry-After to a token that sends too many requests", async () => {
    service = await startTestServer(stubReader({}), { requestsPerMinute: 2, tokens });
    expect(await statuses(2, "first")).to.deep.equal([200, 200]);
    expect(seen(await service.get("/v1/ledger", as("first")))).to.deep.equal([
      429,
      "application/problem+json",
      true,
    ]);
  });

  it("counts each token separately", async () => {
    service = await startTestServer(stubReader({}), { requestsPerMinute: 2, tokens });
    expect([await statuses(3, "first"), await statuses(2, "second")]).to.deep.equal([
      [200, 200, 429],
      [200, 200],
    ]);
  });

  it("counts callers without an accepted token by address, whatever token they send", async () => {
    service = await startTestServer(stubReader({}), { requestsPerMinute: 2, tokens });
    const invented = [...(await statuses(1, "a")), ...(await statuses(1, "b")), ...(await statuses(1, "c"))];
    expect([invented, await statuses(1, "first")]).to.deep.equal([[401, 401, 429], [200]]);
  });

  it("counts by address when anonymous access is allowed", async () => {
    service = await startTestServer(stubReader({}), { requestsPerMinute: 1 });
    expect(await statuses(2, "any")).to.deep.equal([200, 429]);
  });

  it("does not apply to the OpenAPI document", async () => {
    service = await startTestServer(stubReader({}), { requestsPerMinute: 1 });
    const responses = [await service.get("/openapi.json"), await service.get("/openapi.json")];
    expect(responses.map(({ status }) => status)).to.deep.equal([200, 200]);
  });
});

describe("the limit on concurrent streams", () => {
  let service: TestServer;
  const open: RawGet[] = [];
  let reading = 0;
  let endStreams: () => void = () => {};

  afterEach(async () => {
    endStreams();
    for (const { socket } of open.splice(0)) socket.destroy();
    await service.close();
  });

  /** Streams last until `endStreams` is called. */
  async function serveSlow(perCaller: number, total: number): Promise<void> {
    reading = 0;
    const ended = new Promise<void>((resolve) => (endStreams = resolve));
    service = await startTestServer(
      stubReader({
        async entries() {
          reading += 1;
          await ended;
          return [];
        },
      }),
      {
        streamLimits: { perCaller, total },
        tokens: loadTokens({ text: "first,second,third", file: undefined }, log),
      },
    );
  }

  async function begin(token: string): Promise<void> {
    const before = reading;
    open.push(await rawGet(service.url, "/v1/ledger", { accept: "text/csv", ...as(token).headers }));
    await eventually("the stream to begin", () => reading > before);
  }

  const stream = (token: string): Promise<TestResponse> =>
    service.get("/v1/ledger", { headers: { accept: "text/csv", ...as(token).headers } });

  it("responds with 429 to a token with too many streams", async () => {
    await serveSlow(2, 10);
    await begin("first");
    await begin("first");
    expect(seen(await stream("first"))).to.deep.equal([429, "application/problem+json", true]);
  });

  it("responds with 503 when there are too many streams in total", async () => {
    await serveSlow(2, 2);
    for (const token of ["first", "second"]) await begin(token);
    expect(seen(await stream("third"))).to.deep.equal([503, "application/problem+json", true]);
  });

  it("reserves the last slots for callers without a stream", async () => {
    await serveSlow(3, 4);
    for (const token of ["first", "first", "second"]) await begin(token);
    expect([(await stream("first")).status, (await stream("second")).status]).to.deep.equal([429, 429]);
    await begin("third");
  });

  it("does not apply to other requests", async () => {
    await serveSlow(1, 1);
    await begin("first");
    expect((await service.get("/v1/revenue", as("first"))).status).to.equal(200);
  });

  it("frees the slot when a stream ends, and when its client disconnects", async () => {
    await serveSlow(2, 2);
    await begin("first");
    await begin("first");
    open[0]?.socket.destroy();
    endStreams();
    await eventually("a free slot", async () => (await stream("first")).status === 200);
    expect([(await stream("first")).status, (await stream("second")).status]).to.deep.equal([200, 200]);
  });
});

describe("a locked table", () => {
  let service: TestStoreServer;

  afterEach(() => service.close());

  it("of reconciliations does not delay totals, which then show the last known status", async () => {
    service = await startStoreServer();
    await service.asSuperuser(`insert into takings.reconciliations
      values ('default', '', true, '2024-03-01', '2024-04-01', 0, 0, '2024-04-01', null)`);
    const readStatus = async (): Promise<unknown[]> => {
      const { status, body } = await service.get("/v1/revenue");
      return [status, (body as { reconciliation: { missing: number } | null }).reconciliation?.missing];
    };
    const before = await readStatus();
    const release = await service.lock("takings.reconciliations");
    const during = await Promise.all(Array.from({ length: 6 }, readStatus));
    await release();
    expect([before, ...during]).to.deep.equal(Array.from({ length: 7 }, () => [200, 0]));
  });

  const paths = [
    "/v1/revenue",
    "/v1/revenue/series?interval=day",
    "/v1/revenue/changes?since=2024-01-01T00:00:00Z",
    "/v1/ledger",
  ];
  for (const path of paths) {
    it(`makes ${path} respond with 503 and Retry-After`, async () => {
      service = await startStoreServer({}, 200);
      const release = await service.lock("takings.ledger");
      const held = seen(await service.get(path));
      await release();
      expect([held, (await service.get(path)).status]).to.deep.equal([
        [503, "application/problem+json", true],
        200,
      ]);
    });
  }
});
