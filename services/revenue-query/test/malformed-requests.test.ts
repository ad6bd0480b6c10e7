import { request } from "node:http";
import { eventWithEntry } from "@takings/testkit";
import { expect } from "chai";
import * as fc from "fast-check";
import { after, before, describe, it } from "mocha";
import { encodeCursor, fingerprint } from "../src/pagination/cursor.ts";
import { type TestStoreServer, startStoreServer } from "./test-server.ts";

const lists = ["/v1/ledger", "/v1/events", "/v1/revenue/changes", "/v1/gaps"];
const paths = [...lists, "/v1/revenue", "/v1/revenue/series", "/openapi.json", "/v1/none"];
const subjects = ["/v1/events/", "/v1/payments/", "/v1/none/"];
const parameters =
  "from to timezone currency account livemode as_recorded_at since interval limit cursor type kind";
const names = [...parameters.split(" "), "__proto__", "from[]", "from[0]", "", "%00", "%ED%A0%80"];
const encoded = fc.string({ unit: "binary" }).map((text) => encodeURIComponent(text.toWellFormed()));
const instants = fc
  .tuple(fc.integer({ min: 0, max: 10_000 }), fc.constantFrom("Z", "%2B23:59", "-23:59", ""))
  .map(([year, zone]) => `${String(year).padStart(4, "0")}-12-31T23:59:59.9999999${zone}`);
/** As they appear in a URL, including percent-encodings that are not valid UTF-8. */
const values = fc.oneof(
  fc.constantFrom(
    "",
    "%00",
    "a%00",
    "%ED%A0%80",
    "%ff",
    "%",
    "%zz",
    "+",
    "%0d%0a",
    "*",
    "null",
    "true",
    "false",
  ),
  fc.constantFrom("-1", "1e999", "9".repeat(400), "0x10", "1000", "NaN", "-0", "%F0%9F%92%B0", "usd", "zzz"),
  fc.constantFrom(
    "Europe/Berlin",
    "Etc/GMT%2B12",
    "hour",
    "day",
    "year",
    "charge.refunded",
    "acct_1",
    "refund",
  ),
  fc.constantFrom("2024-03-31", "0001-01-01", "9999-12-31", "2024-12-31T23:59:60Z", "2024-03-01T00:00:00Z"),
  instants,
  encoded,
);
const query = fc
  .array(fc.tuple(fc.constantFrom(...names), values), { maxLength: 5 })
  .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join("&"));

const accepts = fc.constantFrom(
  "application/json",
  "text/csv",
  "application/x-ndjson",
  "text/html",
  "",
  ";;q=x",
);

const times = fc.oneof(
  fc.constantFrom("2024-05-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"),
  fc.constantFrom("9999-12-31T23:59:60Z", "2024-12-31T23:59:60.5Z", "0000-01-01T00:00:00Z", "infinity"),
  fc.constantFrom("2024-05-01", "-000001-01-01T00:00:00Z", "now", "2024-05-01T00:00:00+23:59", ""),
  fc.string({ unit: "binary" }),
);
/** The read time of a cursor; null for a list of the current state. */
const readTimes = fc.oneof(times, fc.constant(null));
const ids = fc.oneof(
  fc.constantFrom("le_1", "le_1:both", "le_1:other", "evt_1", "", ":", "\0", "\uD800", "a".repeat(10_000)),
  fc.constantFrom(":payment:ch_1", "acct_1:refund:c:h:1", ":dispute:ch_1", ":payment:", ":payment:\0", "::"),
  fc.string({ unit: "binary" }),
);

describe("any request, however malformed,", () => {
  let service: TestStoreServer;

  before(async () => {
    service = await startStoreServer();
    await service.writer.record([eventWithEntry({ eventId: "evt_1" }), eventWithEntry({ eventId: "evt_2" })]);
  });
  after(() => service.close());

  /** What is wrong with the response, if anything. */
  async function faultOf(
    path: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<string | undefined> {
    const { status, type, text } = await rawResponse(service.url, path, headers);
    if (status < 400) return undefined;
    if (status >= 500) return `${path}: ${status} ${text}`;
    const isProblem = type?.startsWith("application/problem+json") === true;
    return isProblem && JSON.parse(text).status === status ? undefined : `${path}: ${type} ${text}`;
  }

  it("for a list or a total gets a response or a client error as a problem document, never a 5xx", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), query, accepts, async (path, search, accept) => {
        expect(await faultOf(`${path}?${search}`, { accept })).to.equal(undefined);
      }),
      { numRuns: 1_000 },
    );
  });

  it("for a single resource gets a response or a client error as a problem document, never a 5xx", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...subjects), values, query, async (path, id, search) => {
        expect(await faultOf(`${path}${id}?${search}`)).to.equal(undefined);
      }),
      { numRuns: 500 },
    );
  });

  it("with a forged cursor gets a response or a client error as a problem document, never a 5xx", async () => {
    const since = "2024-01-01T00:00:00Z";
    const cursorsOf: Readonly<Record<string, readonly [listed: string, query: string]>> = {
      "/v1/ledger": [fingerprint("ledger", null, null, null, true, null, null), ""],
      "/v1/events": [fingerprint("events", null, null, null), ""],
      "/v1/revenue/changes": [
        fingerprint("changes", since, null, null, null, null, true, null),
        `since=${since}&`,
      ],
      "/v1/gaps": [fingerprint("gaps", null, null, true), ""],
    };
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...lists), readTimes, times, ids, async (path, asOf, time, id) => {
        const [listed = "", rest = ""] = cursorsOf[path] ?? [];
        const cursor = encodeCursor({ asOf, after: { time, id }, fingerprint: listed });
        expect(await faultOf(`${path}?${rest}cursor=${cursor}`), `${asOf} ${time} ${id}`).to.equal(undefined);
      }),
      { numRuns: 500 },
    );
  });

  it("with a cursor whose read time is in the future is rejected, naming the cursor", async () => {
    const listed = fingerprint("events", null, null, null);
    const after = { time: "2024-05-01T00:00:00Z", id: "evt_1" };
    const cursor = encodeCursor({ asOf: "2999-01-01T00:00:00Z", after, fingerprint: listed });
    const { status, body } = await service.get(`/v1/events?cursor=${cursor}`);
    const { errors } = body as { errors: { parameter: string }[] };
    expect([status, errors.map(({ parameter }) => parameter)]).to.deep.equal([400, ["cursor"]]);
  });
});

type RawResponse = { readonly status: number; readonly type: string | undefined; readonly text: string };

/** Sends a path unchanged; `fetch` would normalise it. */
function rawResponse(
  url: string,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<RawResponse> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers: { connection: "close", ...headers } }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("error", reject);
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, type: response.headers["content-type"], text });
      });
    })
      .on("error", reject)
      .end();
  });
}
