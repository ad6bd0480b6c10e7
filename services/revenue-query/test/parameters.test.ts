import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { type TestStoreServer, startStoreServer } from "./test-server.ts";

type Problem = {
  readonly status: number;
  readonly errors?: readonly { parameter: string; detail: string }[];
};

const badBounds = [
  "",
  "yesterday",
  "2024-02-30",
  "2023-02-29",
  "2024-13-01",
  "2024-1-1",
  "0000-01-01",
  "10000-01-01",
  "+002024-01-01",
  "20240101",
  "2024-01-01T00:00:00",
  "2024-01-01T00:00Z",
  "2024-01-01 00:00:00Z",
  "2024-01-01T24:00:00Z",
  "2024-01-01T00:60:00Z",
  "2024-06-30T23:59:60Z",
  "2024-02-30T00:00:00Z",
  "2024-01-01T00:00:00+24:00",
  "2024-01-01T00:00:00+0100",
  "2024-01-01T00:00:00.Z",
  "2024-01-01T00:00:00Z[UTC]",
  "2024-01-01\0",
  "0001-01-01T00:00:00+01:00",
  "9999-12-31T23:59:59-01:00",
  "1704067200",
];

const goodBounds = {
  "2024-02-29": "2024-02-29T00:00:00Z",
  "0001-01-01": "0001-01-01T00:00:00Z",
  "9999-12-31": "9999-12-31T00:00:00Z",
  "2024-01-01T00:00:00Z": "2024-01-01T00:00:00Z",
  "2024-01-01t00:00:00z": "2024-01-01T00:00:00Z",
  "2024-01-01T05:45:00+05:45": "2024-01-01T00:00:00Z",
  "2024-01-01T00:00:00-00:00": "2024-01-01T00:00:00Z",
  "2024-01-01T00:00:00.1234560Z": "2024-01-01T00:00:00.123456Z",
  "2024-01-01T00:00:00.1234560000001Z": "2024-01-01T00:00:00.123457Z",
};

const badValues: readonly (readonly [parameter: string, values: readonly string[]])[] = [
  ["timezone", ["", "Europe/Nowhere", "+01:00", "Z", "../UTC", "UTC\0", "a".repeat(1_000)]],
  ["currency", ["", "us", "usdd", "u5d", "us\0", "€€€", "' or 1=1--"]],
  ["account", ["", "**", "acct 1", "acct_1\0", "acct_1,acct_2", "a".repeat(256)]],
  ["livemode", ["", "1", "TRUE", "yes", "null"]],
  ["limit", ["", "0", "-1", "1001", "1.5", "1e2", "0x10", "010", " 5", "9".repeat(50)]],
  ["cursor", ["", "x", "AAAA", "a".repeat(2_000), "%", "\0", "W10"]],
];

describe("query parameters", () => {
  let service: TestStoreServer;

  before(async () => {
    service = await startStoreServer();
  });

  after(() => service.close());

  async function badOnes(path: string, query: string): Promise<string[]> {
    const { status, headers, body } = await service.get(`${path}?${query}`);
    expect([status, headers.get("content-type")], query).to.deep.equal([
      400,
      "application/problem+json; charset=utf-8",
    ]);
    return ((body as Problem).errors ?? []).map(({ parameter }) => parameter);
  }

  for (const parameter of ["from", "to"]) {
    it(`reject ${parameter} when it is neither an instant nor a date`, async () => {
      for (const value of badBounds) {
        const query = new URLSearchParams({ [parameter]: value }).toString();
        expect(await badOnes("/v1/revenue", query), value).to.deep.equal([parameter]);
      }
    });
  }

  it("resolve from to an instant in UTC", async () => {
    for (const [given, resolved] of Object.entries(goodBounds)) {
      const { body } = await service.get(`/v1/revenue?from=${encodeURIComponent(given)}`);
      expect((body as { from: string }).from, given).to.equal(resolved);
    }
  });

  it("reject from after to, naming both", async () => {
    expect(await badOnes("/v1/revenue", "from=2024-01-02&to=2024-01-01")).to.deep.equal(["from", "to"]);
  });

  it("explain that the plus sign of an offset must be escaped", async () => {
    const { body } = await service.get("/v1/revenue?from=2024-01-01T00:00:00+01:00");
    expect((body as Problem).errors?.[0]?.detail).to.include("%2B");
  });

  for (const [parameter, values] of badValues) {
    it(`reject ${parameter} when it is malformed`, async () => {
      for (const value of values) {
        const query = new URLSearchParams({ [parameter]: value }).toString();
        expect(await badOnes("/v1/ledger", query), value).to.deep.equal([parameter]);
      }
    });
  }

  it("require interval to be one of the intervals", async () => {
    const seen = [
      await badOnes("/v1/revenue/series", ""),
      await badOnes("/v1/revenue/series", "interval=fortnight"),
    ];
    expect(seen).to.deep.equal([["interval"], ["interval"]]);
  });

  it("reject type when it cannot be an event type", async () => {
    for (const value of ["", " ", "charge.*", "charge.>", "charge..refunded", "charge\0", "a".repeat(256)]) {
      const query = new URLSearchParams({ type: value }).toString();
      expect(await badOnes("/v1/events", query), value).to.deep.equal(["type"]);
    }
  });

  it("reject kind when it is not a kind of gap", async () => {
    for (const value of ["", "payments", "Payment", "refund_reversal", "*", "payment\0"]) {
      const query = new URLSearchParams({ kind: value }).toString();
      expect(await badOnes("/v1/gaps", query), value).to.deep.equal(["kind"]);
    }
  });

  it("are rejected on every path when they are unknown", async () => {
    const paths = [
      "/v1/revenue",
      "/v1/ledger",
      "/v1/events",
      "/v1/events/evt_1",
      "/v1/payments/pi_1",
      "/v1/gaps",
    ];
    const seen = await Promise.all(paths.map((path) => badOnes(path, "form=2024-01-01")));
    expect(seen).to.deep.equal(paths.map(() => ["form"]));
  });

  it("are unknown when they are named like properties of JavaScript objects", async () => {
    const query = "__proto__=1&constructor=1&toString=1";
    expect(await badOnes("/v1/revenue", query)).to.deep.equal(["__proto__", "constructor", "toString"]);
  });

  it("are rejected when they are repeated", async () => {
    expect(await badOnes("/v1/revenue", "from=2024-01-01&from=2024-01-01")).to.deep.equal(["from"]);
  });

  it("are all named at once when they are bad", async () => {
    const query =
      "nope=1&from=x&to=2024-01-01&to=2024-01-02&timezone=X&currency=1&account=&livemode=2&limit=0&cursor=!";
    expect((await badOnes("/v1/ledger", query)).toSorted()).to.deep.equal(
      ["account", "currency", "cursor", "from", "limit", "livemode", "nope", "timezone", "to"].toSorted(),
    );
  });

  it("include from and to of a reversed range among the bad ones", async () => {
    const query = "currency=1&from=2024-01-02&to=2024-01-01";
    expect((await badOnes("/v1/revenue", query)).toSorted()).to.deep.equal(["currency", "from", "to"]);
  });
});
