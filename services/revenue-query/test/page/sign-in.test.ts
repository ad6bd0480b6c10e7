import { createLogger } from "@takings/runtime";
import { expect } from "chai";
import { after, before, beforeEach, describe, it } from "mocha";
import type { AppDependencies } from "../../src/http/app.ts";
import { loadTokens } from "../../src/http/tokens.ts";
import { nextPath } from "../../src/page/access/next-path.ts";
import { stubReader } from "../stub-reader.ts";
import { startTestServer, type TestServer } from "../test-server.ts";
import { hiddenFields, openedWith, sendForm, signIn } from "./forms.ts";
import { openView } from "./page-client.ts";

const tokens = loadTokens(
  { text: "first,second", file: undefined },
  createLogger({ service: "test", level: "silent" }),
);
const start = (different: Partial<AppDependencies> = {}): Promise<TestServer> =>
  startTestServer(stubReader({}), { tokens, ...different });

describe("signing in to the page", () => {
  let service: TestServer;

  before(async () => {
    service = await start();
  });

  after(() => service.close());

  it("is asked for with 401 and a form, and nothing of the page is shown before", async () => {
    const view = await openView(service.url, "/ledger?limit=5");
    expect(view.status).to.equal(401);
    expect(view.headers.get("www-authenticate")).to.equal("Bearer");
    expect(view.headers.get("content-security-policy")).to.include("form-action 'self'");
    expect(view.document.querySelectorAll("form").map((form) => form.getAttribute("action"))).to.deep.equal([
      "/login",
    ]);
    expect(view.document.querySelector("input[type=password]")?.getAttribute("name")).to.equal("token");
  });

  it("says that a link on another site hides a session, and leads to the view again", async () => {
    const view = await openView(service.url, "/ledger?limit=5", { "sec-fetch-site": "cross-site" });
    expect(view.links("main a")).to.deep.equal(["/ledger?limit=5"]);
    expect((await openView(service.url, "/ledger")).links("main a")).to.deep.equal([]);
  });

  it("leads back to the view that one came from, with a cookie that only this origin gets", async () => {
    const { status, headers, cookie } = await signIn(service.url, "first", { path: "/ledger?limit=5" });
    expect([status, headers.get("location")]).to.deep.equal([303, "/ledger?limit=5"]);
    const attributes = headers.getSetCookie()[0]?.split("; ").slice(1);
    expect(attributes).to.include.members(["HttpOnly", "SameSite=Strict", "Path=/"]);
    expect(attributes).to.not.include("Secure");
    expect(await openedWith(service.url, cookie)).to.equal(200);
  });

  it("gives another cookie each time", async () => {
    const cookies = [await signIn(service.url, "first"), await signIn(service.url, "first")];
    expect(new Set(cookies.map(({ cookie }) => cookie)).size).to.equal(2);
  });

  it("is refused with a token that is not accepted, beside the field", async () => {
    const { status, source, cookie } = await signIn(service.url, "third", { path: "/ledger" });
    expect([status, cookie, hiddenFields(source, "/login")["next"]]).to.deep.equal([
      401,
      undefined,
      "/ledger",
    ]);
    expect(source).to.include('aria-describedby="token-error token-hint"');
  });

  const foreign: Readonly<Record<string, Record<string, string>>> = {
    "another origin": { origin: "https://example.com" },
    "no origin that could be named": { origin: "null" },
    "an extension of the browser": { origin: "chrome-extension://abcdefgh" },
    "another site": { "sec-fetch-site": "cross-site" },
    "a neighbour of this site": { "sec-fetch-site": "same-site" },
  };
  for (const [where, headers] of Object.entries(foreign)) {
    it(`is refused for a form from ${where}`, async () => {
      const { status, cookie } = await signIn(service.url, "first", { headers });
      expect([status, cookie]).to.deep.equal([403, undefined]);
    });
  }

  it("is possible from a form of this origin", async () => {
    const headers = { origin: service.url, "sec-fetch-site": "same-origin" };
    expect((await signIn(service.url, "first", { headers })).status).to.equal(303);
  });

  for (const [what, csrf] of [
    ["without its hidden token", undefined],
    ["with an invented one", `1700000000.${"a".repeat(16)}.${"b".repeat(43)}`],
  ] as const) {
    it(`is refused for a form ${what}`, async () => {
      const fields = { token: "first", next: "/", ...(csrf !== undefined && { csrf }) };
      const { status, headers, cookie } = await sendForm(service.url, "/login", fields);
      expect([status, cookie, headers.get("content-type")]).to.deep.equal([
        403,
        undefined,
        "text/html; charset=utf-8",
      ]);
    });
  }

  it("is refused for a body that is no form, or far too long", async () => {
    const send = (body: string, type: string): Promise<Response> =>
      fetch(`${service.url}/login`, {
        method: "POST",
        body,
        headers: { "content-type": type, connection: "close" },
      });
    const responses = [
      await send('{"token":"first"}', "application/json"),
      await send(`token=${"a".repeat(100_000)}`, "application/x-www-form-urlencoded"),
      await send("token=first", "application/x-www-form-urlencoded; charset=nonsense"),
    ];
    expect(responses.map(({ status }) => status)).to.deep.equal([403, 413, 415]);
    expect(responses.map(({ headers }) => headers.get("content-type")?.split(";")[0])).to.deep.equal(
      Array.from({ length: 3 }, () => "text/html"),
    );
  });

  it("takes cookies that are no session for none", async () => {
    const { cookie = "" } = await signIn(service.url, "first");
    const [name = "", value = ""] = cookie.split("=");
    const [otherId = ""] =
      ((await signIn(service.url, "second")).cookie ?? "").split("=")[1]?.split(".") ?? [];
    const ofOther = value.replace(/^[^.]+/, otherId);
    const changed = value.replace(/\.(\d+)\.(\d+)\./, (_, from, to) => `.${from}.${Number(to) + 1}.`);
    for (const text of [
      "",
      "%",
      changed,
      ofOther,
      `${value}a`,
      value.slice(0, -1),
      "a".repeat(10_000),
      '"',
      "\u{e9}",
    ])
      expect(await openedWith(service.url, `${name}=${text}`), text).to.equal(401);
  });

  it("is not needed with a bearer token, nor for HEAD with one", async () => {
    const authorization = "Bearer second";
    expect((await openView(service.url, "/", { authorization })).status).to.equal(200);
    const { status, body } = await service.get("/", { method: "HEAD", headers: { authorization } });
    expect([status, body]).to.deep.equal([200, ""]);
    expect((await service.get("/", { method: "HEAD" })).status).to.equal(401);
  });

  it("gives no access to the API, which takes bearer tokens only", async () => {
    const { cookie = "" } = await signIn(service.url, "first");
    expect((await service.get("/v1/revenue", { headers: { cookie } })).status).to.equal(401);
  });

  it("sends everyone who opens its address to the page", async () => {
    const views = [await openView(service.url, "/login"), await openView(service.url, "/logout")];
    expect(views.map(({ status, headers }) => [status, headers.get("location")])).to.deep.equal([
      [303, "/"],
      [303, "/"],
    ]);
  });

  it("leads to no other origin", () => {
    const elsewhere = [
      "//example.com",
      "/\\example.com",
      "https://example.com/",
      "/\t/example.com",
      "/.//example.com",
    ];
    for (const text of [...elsewhere, "", "ledger", "javascript:alert(1)", "/login", "/logout?a=1"])
      expect(nextPath(text), text).to.equal("/");
    expect(nextPath("/ledger?from=2024-01-01&to=a%2Fb")).to.equal("/ledger?from=2024-01-01&to=a%2Fb");
  });
});

describe("logging out", () => {
  let service: TestServer;
  let cookie: string;
  let fields: Record<string, string>;

  before(async () => {
    service = await start();
  });

  beforeEach(async () => {
    cookie = (await signIn(service.url, "first")).cookie ?? "";
    fields = hiddenFields((await openView(service.url, "/ledger", { cookie })).source, "/logout");
  });

  after(() => service.close());

  it("ends the session, and no other", async () => {
    const other = (await signIn(service.url, "first")).cookie;
    const { status, headers } = await sendForm(service.url, "/logout", fields, { cookie });
    expect([status, headers.get("location")]).to.deep.equal([303, "/"]);
    expect(headers.getSetCookie()[0]).to.match(/^takings=;.*Expires=Thu, 01 Jan 1970/);
    expect([await openedWith(service.url, cookie), await openedWith(service.url, other)]).to.deep.equal([
      401, 200,
    ]);
  });

  it("is refused without the hidden token of the session, and from elsewhere; the session goes on", async () => {
    const other = (await signIn(service.url, "first")).cookie ?? "";
    const responses = [
      await sendForm(service.url, "/logout", {}, { cookie }),
      await sendForm(service.url, "/logout", fields, { cookie: other }),
      await sendForm(service.url, "/logout", fields, { cookie, origin: "https://example.com" }),
      await sendForm(service.url, "/logout", fields, { cookie, "sec-fetch-site": "cross-site" }),
    ];
    expect(responses.map(({ status }) => status)).to.deep.equal([403, 403, 403, 403]);
    expect(await openedWith(service.url, cookie)).to.equal(200);
  });
});
