import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError, createLogger } from "@takings/runtime";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { loadTokens, type Tokens } from "../src/http/tokens.ts";
import { type TestServer, startTestServer } from "./test-server.ts";
import { stubReader } from "./stub-reader.ts";

const log = createLogger({ service: "test", level: "silent" });

function load(text: string | undefined, file?: string): Tokens {
  const tokens = loadTokens({ text, file }, log);
  if (tokens === undefined) throw new Error("no tokens are configured");
  return tokens;
}

const acceptedBy =
  (tokens: Tokens | undefined) =>
  (token: string): boolean =>
    tokens?.find(token) !== undefined;

describe("a request to a service that requires tokens", () => {
  let service: TestServer;

  before(async () => {
    service = await startTestServer(stubReader({}), { tokens: load("first, second") });
  });

  after(() => service.close());

  const rejected: Readonly<Record<string, string | undefined>> = {
    "no header": undefined,
    "another scheme": "Basic Zmlyc3Q6",
    "a scheme without a token": "Bearer",
    "a wrong token": "Bearer third",
    "a token cut short": "Bearer firs",
    "a token with a suffix": "Bearer first,",
    "both tokens in one header": "Bearer first, second",
    "a token in another case": "Bearer FIRST",
    "an unsigned web token": "Bearer eyJhbGciOiJub25lIn0.e30.",
  };
  for (const [what, authorization] of Object.entries(rejected)) {
    it(`is rejected with ${what}`, async () => {
      const { status, headers } = await service.get(
        "/v1/revenue",
        authorization === undefined ? {} : { headers: { authorization } },
      );
      expect([status, headers.get("www-authenticate")?.split(" ")[0]]).to.deep.equal([401, "Bearer"]);
    });
  }

  for (const authorization of ["Bearer first", "Bearer second", "bearer first", "BEARER  second"]) {
    it(`is accepted with ${JSON.stringify(authorization)}`, async () => {
      expect((await service.get("/v1/revenue", { headers: { authorization } })).status).to.equal(200);
    });
  }

  it("is told that its token is invalid only if it sent one", async () => {
    const headers = { authorization: "Bearer third" };
    const responses = [await service.get("/v1/revenue"), await service.get("/v1/revenue", { headers })];
    expect(responses.map((response) => response.headers.get("www-authenticate"))).to.deep.equal([
      "Bearer",
      'Bearer error="invalid_token"',
    ]);
  });

  it("cannot find out which paths exist under /v1", async () => {
    const paths = [
      "/v1/revenue/series",
      "/v1/ledger",
      "/v1/events/evt_1",
      "/v1/payments/pi_1",
      "/v1/nothing",
    ];
    const responses = await Promise.all(paths.map((path) => service.get(path)));
    expect(responses.map(({ status }) => status)).to.deep.equal([401, 401, 401, 401, 401]);
  });

  it("cannot bypass the check with another spelling of a path", async () => {
    const paths = [
      "/V1/revenue",
      "//v1/revenue",
      "/v1//revenue",
      "/v1/revenue/",
      "/./v1/../V1/revenue",
      "/%761/revenue",
    ];
    const responses = await Promise.all(paths.map((path) => service.get(path)));
    expect(responses.every(({ status }) => status === 401 || status === 404)).to.equal(true);
  });

  it("can read the OpenAPI document without a token", async () => {
    expect((await service.get("/openapi.json")).status).to.equal(200);
  });
});

describe("the configured tokens", () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "takings-tokens-"));
  });

  after(() => rmSync(folder, { recursive: true }));

  it("are not required when none are configured", () => {
    expect(loadTokens({ text: undefined, file: undefined }, log)).to.equal(undefined);
  });

  it("can be separated by lines or commas in a file", () => {
    const file = join(folder, "mixed");
    writeFileSync(file, "one\r\n two,three \n\n");
    const accepted = ["one", "two", "three", "", "two,three"].filter(acceptedBy(load(undefined, file)));
    expect(accepted).to.deep.equal(["one", "two", "three"]);
  });

  it("are separated by lines only where words follow one", () => {
    expect(() => load("one account=acct_1,acct_2")).to.throw(ConfigError, /secret 1 of 1 has a comma/);
    expect(() => load("one\ntwo account=acct_1, three")).to.throw(ConfigError, /secret 2 of 2 has a comma/);
    expect(() => load("one, two account=acct_1")).to.throw(ConfigError, /secret 1 of 1 has a comma/);
    expect(["one", "two", "acct_2"].filter(acceptedBy(load("one account=acct_1\ntwo")))).to.deep.equal([
      "one",
      "two",
    ]);
  });

  it("are refused when the variable and the file limit one of them differently", () => {
    const file = join(folder, "both");
    writeFileSync(file, "one bodies=false\n");
    expect(() => load("one", file)).to.throw(ConfigError, /API_TOKENS_FILE: .*different words/);
    expect(acceptedBy(load("one bodies=false", file))("one")).to.equal(true);
  });

  it("end when they are taken out of a file with wrong words, and those that stay keep their limits", async () => {
    const [kept, removed, added] = ["kept", "gone", "new!"].map((word) => word.replace("!", "e").repeat(8));
    for (const [name, text] of [
      ["typo", `${kept} account=acct_1 livemode=yes\n${added}\n`],
      ["comma", `${kept} account=acct_1,acct_2\n${added}\n`],
      ["twice", `${kept} account=acct_1\n${kept}\n`],
      ["list", `${added} account=acct_1, ${kept}\n`],
    ] as const) {
      const file = join(folder, name);
      writeFileSync(file, `${kept} account=acct_1\n${removed}\n`);
      const usable: boolean[] = [];
      const tokens = loadTokens({ text: undefined, file }, log, (is) => usable.push(is));
      writeFileSync(file, text);
      await eventually(
        `the token to end (${name})`,
        () => tokens?.find(kept ?? "") !== undefined && usable.length === 2,
      );
      expect(tokens?.find(removed ?? ""), name).to.equal(undefined);
      expect(tokens?.find(kept ?? "")?.scope.accounts, name).to.deep.equal(["acct_1"]);
      expect([tokens?.find(added ?? ""), usable], name).to.deep.equal([undefined, [true, false]]);
    }
  });

  it("are read again when their file changes", async () => {
    const file = join(folder, "changing");
    writeFileSync(file, "old\n");
    const isAccepted = acceptedBy(load("fixed", file));
    writeFileSync(file, "renewed\n");
    await eventually("the new token to be accepted", () => isAccepted("renewed"));
    expect(["old", "renewed", "fixed"].filter(isAccepted)).to.deep.equal(["renewed", "fixed"]);
  });

  for (const page of [
    "Service Unavailable",
    '{"errors":["permission denied"]}',
    "<html>503</html>",
    "w",
    "Forbidden",
    "null",
  ]) {
    it(`stay as they were when their file becomes ${page}`, async () => {
      const file = join(folder, "replaced");
      const token = "kept".repeat(8);
      writeFileSync(file, `${token}\n`);
      const complaints: unknown[] = [];
      const usable: boolean[] = [];
      const complaining = createLogger({ service: "test", level: "silent" });
      complaining.error = (fields: unknown) => void complaints.push(fields);
      const isAccepted = acceptedBy(
        loadTokens({ text: undefined, file }, complaining, (is) => usable.push(is)),
      );
      writeFileSync(file, `${page}\n`);
      await eventually("the error to be logged", () => isAccepted(token) && complaints.length > 0);
      const words = [page, ...page.split(/\s+/)];
      expect(words.filter((word) => isAccepted(word))).to.deep.equal([]);
      expect(usable).to.deep.equal([true, false]);
    });
  }

  it("lose their limits only when the line without them is complete", async () => {
    const file = join(folder, "limited");
    const token = "limited".repeat(5);
    writeFileSync(file, `${token} account=acct_1 bodies=false\n`);
    const usable: boolean[] = [];
    const tokens = loadTokens({ text: undefined, file }, log, (is) => usable.push(is));
    const wait = async (count: number): Promise<boolean | undefined> => {
      await eventually(
        "the file to be read",
        () => tokens?.find(token) !== undefined && usable.length === count,
      );
      return tokens?.find(token)?.scope.bodies;
    };
    writeFileSync(file, `${token} account=acct_1`);
    expect([await wait(2), usable.at(-1)]).to.deep.equal([false, false]);
    writeFileSync(file, `${token} account=acct_1\n`);
    expect([await wait(3), usable.at(-1)]).to.deep.equal([true, true]);
  });

  it("have the words of their whole line only, while somebody writes it slowly", async () => {
    const file = join(folder, "slowly");
    const [known, token] = ["known".repeat(5), "fresh".repeat(5)];
    writeFileSync(file, `${known}\n`);
    const tokens = load(undefined, file);
    let polls = 0;
    const whole = `${token} account=acct_12 bodies=false`;
    const started = performance.now();
    const scope = await eventually("the whole line to be used", () => {
      // So long that the file is certainly read meanwhile. The line ends without a line break, as in a Secret of Kubernetes.
      polls += 1;
      const part = polls % 2 === 0 ? token : `${token} account=acct_1`;
      const line = performance.now() - started < 1_500 ? part : whole;
      writeFileSync(file, `${known}\n${line}`);
      return tokens.find(token)?.scope;
    });
    expect(scope).to.deep.equal({
      accounts: ["acct_12"],
      sources: undefined,
      livemode: undefined,
      bodies: false,
    });
  });

  it("stay as they were when their file is emptied", async () => {
    const file = join(folder, "emptied");
    writeFileSync(file, "kept");
    const log = createLogger({ service: "test", level: "silent" });
    let isLogged = false;
    log.error = () => {
      isLogged = true;
    };
    const isAccepted = acceptedBy(loadTokens({ text: undefined, file }, log));
    writeFileSync(file, "");
    await eventually("the error to be logged", () => isAccepted("kept") && isLogged);
    expect(isAccepted("kept")).to.equal(true);
  });

  for (const [what, text, file] of [
    ["the text has none", " , ", undefined],
    ["the file does not exist", undefined, "/nonexistent/tokens"],
    ["one cannot be sent in a header", "tökén", undefined],
  ] as const) {
    it(`are rejected at startup when ${what}`, () => {
      expect(() => loadTokens({ text, file }, log)).to.throw(ConfigError);
    });
  }
});
