import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { TakingsError } from "@takings/domain";
import { createAddressList } from "@takings/runtime";
import { testSecret } from "@takings/simulator";
import { eventually } from "@takings/testkit";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { createAdmission } from "../src/admission.ts";
import { loadSources, type ServedSources } from "../src/served-sources.ts";
import { type Answer, event, eventOfBytes, type PostOptions, signed } from "./post-webhook.ts";
import { type Overrides, silent, startReadyServer, startTestServer, type TestServer } from "./test-server.ts";
import { createTestContext, type TestContext } from "./test-context.ts";

const sourceSecret = "whsec_shop_eu";
const dir = mkdtempSync(join(tmpdir(), "takings-sources-"));
const file = join(dir, "sources.json");
after(() => rmSync(dir, { recursive: true }));

function writeSources(secrets: Readonly<Record<string, string>>): void {
  const entries = Object.entries(secrets).map(([name, secret]) => [name, { webhook_secrets: [secret] }]);
  writeFileSync(file, JSON.stringify(Object.fromEntries(entries)));
}

/** The sources in the file, beside the default one with these secrets. */
function load(text: string | undefined = testSecret): ServedSources {
  return loadSources(
    { signingSecrets: { text }, sourcesFile: file },
    { log: silent(), onServed: () => {}, onLive: () => {}, onFile: () => () => {} },
  ).served;
}

describe("a source", () => {
  let context: TestContext;
  let ingress: TestServer;
  before(async () => {
    writeSources({ "shop-eu": sourceSecret, "shop-us": "whsec_shop_us" });
    context = await createTestContext();
    ingress = await startReadyServer(context.nats, { sources: load() });
  });
  after(async () => {
    await ingress.close();
    await context.close();
  });

  /** Posts to a source as Stripe does, signed with the secret. */
  function postTo(name: string, body: string, secret: string, server = ingress): Promise<Answer> {
    return server.post(body, { path: `/webhooks/stripe/${name}`, signature: signed(body, { secret }) });
  }

  it("stores an event under its name and the event's id, and says when it has it already", async () => {
    const body = event({ id: "evt_own" });
    const answer = await postTo("shop-eu", body, sourceSecret);
    expect(answer.body).to.deep.equal({ received: true, event_id: "evt_own", duplicate: false });
    const headers = (await context.stored()).at(-1)?.headers;
    expect(headers?.get("Nats-Msg-Id")).to.equal("shop-eu/evt_own");
    expect(headers?.get("Takings-Source")).to.equal("shop-eu");
    expect((await postTo("shop-eu", body, sourceSecret)).body).to.include({ duplicate: true });
  });

  it("leaves the messages of the default source as they were", async () => {
    await ingress.post(event({ id: "evt_default" }));
    const headers = (await context.stored()).at(-1)?.headers;
    expect(headers?.get("Nats-Msg-Id")).to.equal("evt_default");
    expect(headers?.has("Takings-Source")).to.equal(false);
  });

  it("may have events with the ids of another source's", async () => {
    const body = event();
    const toEach = async (): Promise<unknown[]> => {
      const answers = [
        await ingress.post(body),
        await postTo("shop-eu", body, sourceSecret),
        await postTo("shop-us", body, "whsec_shop_us"),
      ];
      return answers.map((answer) => answer.body["duplicate"]);
    };
    expect(await toEach()).to.deep.equal([false, false, false]);
    expect(await toEach()).to.deep.equal([true, true, true]);
  });

  for (const [path, secret] of [
    ["/webhooks/stripe/shop-eu", testSecret],
    ["/webhooks/stripe/shop-eu", "whsec_shop_us"],
    ["/webhooks/stripe", sourceSecret],
  ] as const)
    it(`accepts nothing at ${path} that is signed with ${secret}`, async () => {
      const body = event();
      expect((await ingress.post(body, { path, signature: signed(body, { secret }) })).status).to.equal(400);
    });

  const unavailable = { publish: () => Promise.reject(new TakingsError("unavailable", "away")) };
  const own = (body: string, at?: number): PostOptions => ({
    signature: signed(body, { secret: sourceSecret, ...(at !== undefined && { at }) }),
  });
  const refusals: readonly (readonly [number, string, string | Buffer, PostOptions, Overrides?])[] = [
    [400, "bad_signature", event(), { signature: null }],
    [400, "bad_timestamp", "{}", own("{}", 1_000)],
    [400, "not_an_event", "{}", own("{}")],
    [413, "too_large", eventOfBytes(600_000), {}],
    [415, "compressed", gzipSync("x"), { headers: { "content-encoding": "gzip" } }],
    [503, "overloaded", event(), {}, { admission: createAdmission({ requests: 0, bytes: 9 }) }],
    [403, "forbidden_address", event(), {}, { allowed: () => createAddressList(["192.0.2.1"]) }],
    [503, "unavailable", "stored", {}, { publisher: unavailable }],
  ];
  for (const [status, outcome, body, options, different] of refusals)
    it(`responds ${status} where the default source does, and counts ${outcome} as its own`, async () => {
      const start = outcome === "unavailable" ? startReadyServer : startTestServer;
      await using server = await start(context.nats, { sources: load(), ...different });
      const text = body === "stored" ? event() : body;
      const signature = options.signature === undefined ? own(String(text)).signature : options.signature;
      const path = "/webhooks/stripe/shop-eu";
      const answer = await server.post(text, {
        ...options,
        path,
        ...(signature !== undefined && { signature }),
      });
      expect(answer.status).to.equal(status);
      await eventually("the count", async () => (await server.outcomes("shop-eu"))[outcome] === 1);
      expect(await server.outcomes("default")).to.deep.equal({});
    });

  it("takes no other method than POST", async () => {
    const response = await fetch(`${ingress.url}/webhooks/stripe/shop-eu`);
    expect([response.status, response.headers.get("allow")]).to.deep.equal([405, "POST"]);
  });

  const unknown = [
    "shop-uk",
    "default",
    "DEFAULT",
    "Shop-EU",
    "shop%2Deu",
    "shop-eu%00",
    "%zz",
    "shop-eu%2F",
  ];
  for (const name of [
    ...unknown,
    "..%2Fstripe",
    "/shop-eu",
    "shop-eu//",
    "shop-eu/more",
    "__proto__",
    ";a=b",
  ])
    it(`does not exist at /webhooks/stripe/${name}`, async () => {
      const answer = await postTo(name, event(), sourceSecret);
      expect(answer.status).to.equal(404);
      expect(answer.headers.get("content-type")).to.match(/^application\/problem\+json/);
    });

  it("is found where the path ends in a slash, as the default one is", async () => {
    expect((await postTo("shop-eu/", event(), sourceSecret)).status).to.equal(200);
    expect((await ingress.post(event(), { path: "/webhooks/stripe/" })).status).to.equal(200);
  });

  it("that is unknown gets 404 before anything else is checked, and is counted without its name", async () => {
    await using server = await startTestServer(context.nats, {
      sources: load(),
      allowed: () => createAddressList(["192.0.2.1"]),
      admission: createAdmission({ requests: 0, bytes: 9 }),
    });
    const path = "/webhooks/stripe/shop-uk";
    expect((await server.post(eventOfBytes(600_000), { path, signature: null })).status).to.equal(404);
    expect((await fetch(`${server.url}${path}`)).status).to.equal(404);
    expect(await server.outcomes("unknown")).to.deep.equal({ unknown_source: 1 });
  });

  it("comes and goes with the file, without a restart", async () => {
    writeSources({ "shop-eu": sourceSecret });
    await using server = await startReadyServer(context.nats, { sources: load() });
    const statusOf = async (name: string): Promise<number> =>
      (await postTo(name, event(), sourceSecret, server)).status;
    expect([await statusOf("shop-eu"), await statusOf("moved")]).to.deep.equal([200, 404]);
    writeSources({ moved: sourceSecret });
    await eventually("the other source", async () => (await statusOf("moved")) === 200);
    expect(await statusOf("shop-eu")).to.equal(404);
  });
});

describe("the sources at the start", () => {
  it("are reported, so that each has its series before its first request", () => {
    writeSources({ "shop-eu": sourceSecret });
    const served: string[] = [];
    loadSources(
      { signingSecrets: { text: testSecret }, sourcesFile: file },
      { log: silent(), onServed: (name) => served.push(name), onLive: () => {}, onFile: () => () => {} },
    );
    expect(served).to.have.members(["default", "shop-eu"]);
  });

  it("may be without the default one, whose path then gets 404", () => {
    writeSources({ "shop-eu": sourceSecret });
    const { served: sources } = loadSources(
      { signingSecrets: {}, sourcesFile: file },
      { log: silent(), onServed: () => {}, onLive: () => {}, onFile: () => () => {} },
    );
    expect(sources("default")).to.equal(undefined);
    expect(sources("shop-eu")).to.have.length(1);
  });

  it("are refused where there is none at all", () => {
    writeSources({});
    const nothing = { signingSecrets: {}, sourcesFile: file };
    const dependencies = { log: silent(), onServed: () => {}, onLive: () => {}, onFile: () => () => {} };
    expect(() => loadSources(nothing, dependencies)).to.throw("STRIPE_SOURCES_FILE: contains no source");
  });

  it("are refused where the default one has a secret of another one", () => {
    writeSources({ "shop-eu": testSecret });
    expect(() => load()).to.throw(/STRIPE_WEBHOOK_SECRETS: secret 1 of 1 is also one of source shop-eu/);
  });
});
