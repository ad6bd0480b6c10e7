import { request } from "node:http";
import { createAddressList, createLogger } from "@takings/runtime";
import { expect } from "chai";
import { after, afterEach, before, describe, it } from "mocha";
import { parse } from "node-html-parser";
import type { AppDependencies } from "../../src/http/app.ts";
import { loadTokens } from "../../src/http/tokens.ts";
import { assetPaths } from "../../src/page/assets.ts";
import { stubReader } from "../stub-reader.ts";
import { startTestServer, type TestServer } from "../test-server.ts";
import { hiddenFields, sendForm, signIn } from "./forms.ts";
import { openView, type ShownView } from "./page-client.ts";

const tokens = loadTokens(
  { text: "first,second", file: undefined },
  createLogger({ service: "test", level: "silent" }),
);
const page = { publicUrl: undefined, userHeader: undefined, proxies: undefined };
const start = (different: Partial<AppDependencies> = {}): Promise<TestServer> =>
  startTestServer(stubReader({}), { tokens, ...different });

describe("the limits of the page", () => {
  let service: TestServer;

  afterEach(() => service.close());

  /** Signs in from another address of this machine. */
  function signInFrom(localAddress: string, fields: Record<string, string>): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const headers = { "content-type": "application/x-www-form-urlencoded", connection: "close" };
      const sent = request(`${service.url}/login`, { method: "POST", localAddress, headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on("error", reject).end(new URLSearchParams(fields).toString());
    });
  }

  it("refuse an address after ten wrong tokens in a minute, and no other address", async () => {
    service = await start();
    for (let time = 0; time < 3; time += 1) await signIn(service.url, "first");
    const statuses: number[] = [];
    for (let time = 0; time < 10; time += 1) statuses.push((await signIn(service.url, "wrong")).status);
    expect(statuses).to.deep.equal(Array.from({ length: 10 }, () => 401));
    const refused = [await signIn(service.url, "wrong"), await signIn(service.url, "first")];
    expect(refused.map(({ status, cookie }) => [status, cookie])).to.deep.equal([
      [429, undefined],
      [429, undefined],
    ]);
    expect(Number(refused[0]?.headers.get("retry-after"))).to.be.within(1, 60);
    const forwarded = { "x-forwarded-for": "203.0.113.9" };
    expect((await signIn(service.url, "first", { headers: forwarded })).status).to.equal(429);
    const fields = { ...hiddenFields((await openView(service.url, "/")).source, "/login"), token: "first" };
    expect(await signInFrom("127.0.0.2", fields)).to.equal(303);
  });

  it("count wrong bearer tokens as those that were typed, but none of right ones sent at once", async () => {
    service = await start({ page: { ...page, userHeader: "X-Forwarded-User" } });
    const open = async (token: string, headers = {}): Promise<number> =>
      (await openView(service.url, "/gaps", { authorization: `Bearer ${token}`, ...headers })).status;
    const atOnce = await Promise.all(Array.from({ length: 12 }, () => open("first")));
    expect(new Set(atOnce)).to.deep.equal(new Set([200]));
    const { cookie = "" } = await signIn(service.url, "first");
    const known = [{ cookie }, { "x-forwarded-user": "ann" }];
    for (const headers of [...known, ...known]) expect(await open("wrong", headers)).to.equal(200);
    await signIn(service.url, "wrong");
    for (let time = 0; time < 9; time += 1) expect(await open("wrong")).to.equal(401);
    const refused = await openView(service.url, "/ledger.csv", { authorization: "Bearer wrong" });
    expect(refused.status).to.equal(429);
    expect(Number(refused.headers.get("retry-after"))).to.be.within(1, 60);
    expect([await open("first"), (await signIn(service.url, "first")).status]).to.deep.equal([429, 429]);
    for (const headers of known) expect(await open("wrong", headers)).to.equal(200);
    expect((await openView(service.url, "/", {})).status).to.equal(401);
  });

  it("refuse the client that a trusted proxy names, and not the proxy with all others", async () => {
    service = await start({ page: { ...page, proxies: createAddressList(["127.0.0.1"]) } });
    const from = (address: string): object => ({
      headers: { "x-forwarded-for": `198.51.100.1, ${address}` },
    });
    for (let time = 0; time < 10; time += 1) await signIn(service.url, "wrong", from("203.0.113.9"));
    expect((await signIn(service.url, "first", from("203.0.113.9"))).status).to.equal(429);
    expect((await signIn(service.url, "first", from("203.0.113.8"))).status).to.equal(303);
  });

  it("count views apart from requests to the API, for each caller", async () => {
    service = await start({ requestsPerMinute: 2 });
    const headers = { authorization: "Bearer first" };
    const views = [];
    for (let time = 0; time < 3; time += 1) views.push(await openView(service.url, "/", headers));
    expect(views.map(({ status }) => status)).to.deep.equal([200, 200, 429]);
    expect(views[2]?.headers.get("content-type")).to.equal("text/html; charset=utf-8");
    expect(views[2]?.headers.get("retry-after")).to.be.a("string");
    expect((await service.get("/v1/revenue", { headers })).status).to.equal(200);
    expect((await openView(service.url, "/", { authorization: "Bearer second" })).status).to.equal(200);
  });
});

describe("what is no view", () => {
  let service: TestServer;

  before(async () => {
    service = await start();
  });

  after(() => service.close());

  const authorization = "Bearer first";
  for (const [what, path, method, status] of [
    ["an unknown path", "/nope", "GET", 404],
    ["an unknown path that is written to", "/nope", "POST", 404],
    ["the API of another version", "/v2/revenue", "GET", 404],
    ["a view that is written to", "/ledger", "POST", 405],
    ["a download that is written to", "/ledger.csv", "DELETE", 405],
    ["a path that cannot be decoded", "/events/%zz", "GET", 400],
  ] as const) {
    it(`is shown as a page with ${status}, its headers and no more: ${what}`, async () => {
      const headers = { accept: "application/json", authorization, connection: "close" };
      const response = await fetch(service.url + path, { method, headers });
      expect([response.status, response.headers.get("content-type")]).to.deep.equal([
        status,
        "text/html; charset=utf-8",
      ]);
      expect(response.headers.get("content-security-policy")).to.include("default-src 'self'");
      expect(response.headers.get("x-content-type-options")).to.equal("nosniff");
      expect(response.headers.get("allow")).to.equal(status === 405 ? "GET, HEAD" : null);
      expect(parse(await response.text()).querySelectorAll("form")).to.have.length(0);
    });
  }

  it("is a problem document under the paths of the API", async () => {
    for (const path of ["/v1", "/v1/nope", "/v1/events/%zz"]) {
      const { headers } = await service.get(path, { headers: { authorization } });
      expect(headers.get("content-type"), path).to.include("application/problem+json");
    }
  });

  it("announces the style sheet of a view before its document", async () => {
    const response = await fetch(`${service.url}/balance`, { headers: { authorization } });
    const sheet = parse(await response.text())
      .querySelector("link[rel=stylesheet]")
      ?.getAttribute("href");
    expect(response.headers.get("link")).to.equal(`<${sheet}>; rel=preload; as=style`);
  });

  it("is an asset that no browser takes for something else", async () => {
    for (const path of Object.values(assetPaths))
      expect((await service.get(path)).headers.get("x-content-type-options"), path).to.equal("nosniff");
  });
});

describe("a page that nobody has to sign in to", () => {
  let service: TestServer;

  afterEach(() => service.close());

  it("shows no form for that where anonymous access is allowed", async () => {
    service = await start({ tokens: undefined });
    const view = await openView(service.url, "/");
    expect([view.status, view.document.querySelectorAll("form[method=post]").length]).to.deep.equal([200, 0]);
    expect((await sendForm(service.url, "/login", { token: "first" })).status).to.equal(404);
  });

  it("shows the user that the proxy in front names, in the configured header only", async () => {
    service = await start({ page: { ...page, userHeader: "X-Forwarded-User" } });
    const view = await openView(service.url, "/", { "x-forwarded-user": "<b>ann@example.com" });
    expect([view.status, view.text(".user")]).to.deep.equal([200, "<b>ann@example.com"]);
    const utf8 = Buffer.from("Zoë").toString("latin1");
    for (const name of [utf8, "Zoë"])
      expect((await openView(service.url, "/", { "x-forwarded-user": name })).text(".user")).to.equal("Zoë");
    for (const headers of [{ "x-forwarded-user": " " }, { "x-user": "ann" }])
      expect((await openView(service.url, "/", headers)).status).to.equal(401);
    expect((await service.get("/v1/revenue", { headers: { "x-forwarded-user": "ann" } })).status).to.equal(
      401,
    );
  });

  it("believes no user where a header is there twice, because a client may have sent one of them", async () => {
    service = await start({ page: { ...page, userHeader: "X-Forwarded-User" } });
    const status = await new Promise((resolve, reject) => {
      const headers = { "X-Forwarded-User": ["ann", "bob"], connection: "close" };
      request(service.url, { headers }, (response) => resolve(response.resume().statusCode))
        .on("error", reject)
        .end();
    });
    expect(status).to.equal(401);
  });

  it("believes only trusted proxies where those are known", async () => {
    const headers = { "x-forwarded-user": "ann" };
    for (const [isTrusted, status] of [
      [true, 200],
      [false, 401],
    ] as const) {
      const proxies = { has: () => isTrusted };
      service = await start({ page: { ...page, userHeader: "X-Forwarded-User", proxies } });
      expect((await openView(service.url, "/", headers)).status).to.equal(status);
      if (isTrusted) await service.close();
    }
  });
});

describe("a token that may read several accounts", () => {
  let service: TestServer;

  before(async () => {
    const log = createLogger({ service: "test", level: "silent" });
    const several = loadTokens(
      { text: "two account=acct_a account=acct_b\nown account=platform account=acct_a", file: undefined },
      log,
    );
    service = await start({ ...(several !== undefined && { tokens: several }) });
  });
  after(() => service.close());

  for (const path of ["/", "/ledger", "/payouts", "/balance", "/gaps", "/revenue/changes?since=2024-01-01"]) {
    it(`is shown the form to choose one: ${path}`, async () => {
      const view = await openView(service.url, path, { authorization: "Bearer two" });
      expect(view.status).to.equal(403);
      expect(view.text(".error")).to.include("acct_a or acct_b");
      expect(view.document.querySelectorAll("form [name=account]").length).to.equal(1);
      const links = view.links('main nav[aria-label="Account"] a');
      const all = path + (path.includes("?") ? "&" : "?");
      expect(links).to.deep.equal([`${all}account=acct_a`, `${all}account=acct_b`]);
      expect((await openView(service.url, links[1] ?? "", { authorization: "Bearer two" })).status).to.equal(
        200,
      );
    });
  }

  it("gets from the one to the others by one link, on the first page", async () => {
    const open = (path: string): Promise<ShownView> =>
      openView(service.url, path, { authorization: "Bearer own" });
    const nav = 'main nav[aria-label="Account"]';
    expect((await open("/")).text(`${nav} [aria-current]`)).to.equal("The platform's own");
    const view = await open("/ledger?account=acct_a&currency=usd");
    expect(view.text(`${nav} [aria-current]`)).to.equal("acct_a");
    expect(view.links(`${nav} a`)[0]).to.equal("/ledger?account=platform&currency=usd");
    expect((await open("/search?q=pi_1")).texts(nav)).to.deep.equal([]);
  });
});
