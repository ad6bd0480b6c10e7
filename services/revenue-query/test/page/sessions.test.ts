import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@takings/runtime";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { after, afterEach, before, describe, it } from "mocha";
import type { AppDependencies } from "../../src/http/app.ts";
import { loadTokens } from "../../src/http/tokens.ts";
import { stubReader } from "../stub-reader.ts";
import { startTestServer, type TestServer } from "../test-server.ts";
import { hiddenFields, openedWith, sendForm, signIn } from "./forms.ts";
import { openView } from "./page-client.ts";

const log = createLogger({ service: "test", level: "silent" });
const tokens = loadTokens({ text: "first,second", file: undefined }, log);
const page = { publicUrl: undefined, userHeader: undefined, proxies: undefined };
const start = (different: Partial<AppDependencies> = {}): Promise<TestServer> =>
  startTestServer(stubReader({}), { tokens, ...different });

describe("a session", () => {
  let folder: string;
  let service: TestServer;
  let now = Date.now();

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "takings-sessions-"));
  });

  afterEach(() => service.close());

  after(() => rmSync(folder, { recursive: true }));

  const minutes = (count: number): void => {
    now += count * 60_000;
  };
  const renewed = async (cookie: string, headers = {}): Promise<string | undefined> =>
    (await openView(service.url, "/", { cookie, ...headers })).headers.getSetCookie()[0]?.split(";")[0];

  it("ends after an hour without use, and then leads back to the same view", async () => {
    service = await start({ now: () => now });
    const { cookie = "" } = await signIn(service.url, "first");
    minutes(61);
    const view = await openView(service.url, "/ledger?limit=7", { cookie });
    expect([view.status, hiddenFields(view.source, "/login")["next"]]).to.deep.equal([
      401,
      "/ledger?limit=7",
    ]);
  });

  it("lasts while it is used, but for twelve hours at most", async () => {
    service = await start({ now: () => now });
    let { cookie = "" } = await signIn(service.url, "first");
    for (let half = 0; half < 23; half += 1) {
      minutes(30);
      cookie = (await renewed(cookie)) ?? cookie;
      expect(await openedWith(service.url, cookie)).to.equal(200);
    }
    minutes(31);
    expect(await openedWith(service.url, cookie)).to.equal(401);
  });

  it("is not prolonged by a view that refreshes itself, nor each time", async () => {
    service = await start({ now: () => now });
    const { cookie = "" } = await signIn(service.url, "first");
    expect(await renewed(cookie)).to.equal(undefined);
    minutes(30);
    expect(await renewed(cookie, { "sec-fetch-dest": "empty" })).to.equal(undefined);
    expect(await renewed(cookie, { "sec-fetch-dest": "document" })).to.be.a("string");
  });

  it("is not prolonged by a form, which may be refused", async () => {
    service = await start({ now: () => now });
    const { cookie = "" } = await signIn(service.url, "first");
    minutes(30);
    const elsewhere = { cookie, origin: "https://evil.example" };
    const refused = await sendForm(service.url, "/logout", { csrf: "" }, elsewhere);
    expect([refused.status, refused.cookie]).to.deep.equal([403, undefined]);
  });

  it("ends when its token is taken out of the file, and is known to every replica until then", async () => {
    const file = join(folder, "tokens");
    writeFileSync(file, "first\nsecond\n");
    const load = (): AppDependencies["tokens"] => loadTokens({ text: undefined, file }, log);
    service = await start({ tokens: load() });
    const replica = await start({ tokens: load() });
    const form = hiddenFields((await openView(service.url, "/")).source, "/login");
    const { cookie } = await sendForm(replica.url, "/login", { ...form, token: "first" });
    expect(await openedWith(service.url, cookie)).to.equal(200);
    writeFileSync(file, "second\n");
    await eventually("the session to end", async () => (await openedWith(service.url, cookie)) === 401);
    await replica.close();
  });

  it("goes on in a copy of its cookie where nobody was told of the logout, for twelve hours after it began", async () => {
    service = await start({ now: () => now });
    const replica = await start({ now: () => now });
    const { cookie = "" } = await signIn(service.url, "first");
    minutes(30);
    let copy = (await renewed(cookie)) ?? "";
    const fields = hiddenFields((await openView(service.url, "/", { cookie })).source, "/logout");
    await sendForm(service.url, "/logout", fields, { cookie });
    expect([await openedWith(service.url, copy), await openedWith(replica.url, copy)]).to.deep.equal([
      401, 200,
    ]);
    for (let half = 1; half < 23; half += 1) {
      minutes(30);
      const view = await openView(replica.url, "/", { cookie: copy });
      copy = view.headers.getSetCookie()[0]?.split(";")[0] ?? copy;
      expect([view.status, await openedWith(service.url, copy)]).to.deep.equal([200, 401]);
    }
    minutes(31);
    expect(await openedWith(replica.url, copy)).to.equal(401);
    await replica.close();
  });

  it("is in a cookie that is sent over TLS only where the page is opened over TLS", async () => {
    service = await start({ page: { ...page, publicUrl: "https://takings.example.com" } });
    const headers = { origin: "https://takings.example.com" };
    const response = await signIn(service.url, "first", { headers });
    expect(response.headers.getSetCookie()[0]).to.match(/^__Host-takings=.*; Secure/);
    expect(await openedWith(service.url, response.cookie)).to.equal(200);
  });
});
