import { createStripeEndpoints, type StripeEndpoints } from "@takings/endpoint";
import {
  endpointPermissions,
  type FakeEndpointApi,
  fakeEndpointApi,
  fakeEndpointKey,
} from "@takings/simulator";
import { expect } from "chai";
import { describe, it } from "mocha";
import { wanted } from "./test-context.ts";

const example = { ...wanted, description: "", metadata: { managed_by: "takings", kept: "yes" } };

function connect(fake: FakeEndpointApi, apiKey = fakeEndpointKey, maxFailingMs = 2_000): StripeEndpoints {
  const stopping = new AbortController().signal;
  return createStripeEndpoints({ apiKey, apiUrl: new URL(fake.url), stopping, maxFailingMs });
}

describe("Webhook endpoints at Stripe", () => {
  it("are listed from all pages, of the key's mode only", async () => {
    await using fake = await fakeEndpointApi({
      keys: new Map([fakeEndpointKey, "rk_live_secret"].map((key) => [key, ["rak_webhook_write"]])),
    });
    const stripe = connect(fake);
    for (let n = 0; n < 3; n += 1) await stripe.create({ ...example, url: `https://takings.example/${n}` });
    for (const endpoint of fake.book.endpoints) Object.assign(endpoint, { created: 1 });
    fake.pageSize = 1;
    const urls = (await stripe.list()).map(({ url }) => url);
    expect(urls.toSorted()).to.deep.equal([0, 1, 2].map((n) => `https://takings.example/${n}`));
    expect(fake.requests.filter((request) => request.startsWith("GET"))).to.have.lengthOf(3);
    expect(await connect(fake, "rk_live_secret").list()).to.be.empty;
  });

  it("keep the metadata that an update does not name, and lose what it empties", async () => {
    await using fake = await fakeEndpointApi();
    const stripe = connect(fake);
    const { endpoint } = await stripe.create(example);
    await stripe.update(endpoint.id, { metadata: { takings_secret: "0123", managed_by: "" } });
    expect((await stripe.list())[0]?.metadata).to.deep.equal({ kept: "yes", takings_secret: "0123" });
  });

  it("are removed once; removing them again does nothing", async () => {
    await using fake = await fakeEndpointApi();
    const stripe = connect(fake);
    const { endpoint } = await stripe.create(example);
    await stripe.remove(endpoint.id);
    await stripe.remove(endpoint.id);
    expect(await stripe.list()).to.be.empty;
  });

  it("are asked for again after a rate limit, a server error and a cut connection", async () => {
    await using fake = await fakeEndpointApi();
    const headers = { "retry-after": "0" };
    fake.faults.push(
      { kind: "reset" },
      { kind: "status", status: 429, headers },
      { kind: "status", status: 503, headers },
    );
    expect(await connect(fake, fakeEndpointKey, 4_000).list()).to.be.empty;
    expect(fake.requests).to.have.lengthOf(4);
  });

  it("are asked for ever more rarely where Stripe lets them be asked for at once", async () => {
    await using fake = await fakeEndpointApi();
    fake.onRequest = () =>
      void fake.faults.push({ kind: "status", status: 429, headers: { "retry-after": "0" } });
    expect(await connect(fake, fakeEndpointKey, 300).list().catch(String)).to.contain("status 429");
    expect(fake.requests).to.have.lengthOf(2);
  });

  it("are unavailable where Stripe keeps failing", async () => {
    await using fake = await fakeEndpointApi();
    fake.onRequest = () => void fake.faults.push({ kind: "status", status: 500 });
    const error = await connect(fake, fakeEndpointKey, 300)
      .list()
      .catch((error: unknown) => error);
    expect(error).to.include({ code: "unavailable" });
    expect(String(error)).to.contain("GET /v1/webhook_endpoints").and.to.contain("status 500");
  });

  it("are not asked for with a key that cannot be sent, which the error does not show", async () => {
    await using fake = await fakeEndpointApi();
    const error = await connect(fake, "rk_test_first\nrk_test_second")
      .list()
      .catch((error: unknown) => error);
    expect(error).to.include({ code: "invalid" });
    expect(String(error)).to.contain("check the API key").and.to.not.contain("first");
    expect(fake.requests).to.be.empty;
  });

  it("name the permission that a key lacks, and never the key", async () => {
    const key = "rk_test_4242424242wxyz";
    await using fake = await fakeEndpointApi({ keys: new Map([[key, [endpointPermissions.read]]]) });
    const stripe = connect(fake, key);
    expect(await stripe.list()).to.be.empty;
    const error = await stripe.create(example).catch((error: unknown) => error);
    expect(error).to.include({ code: "invalid" });
    expect(String(error)).to.contain("rak_webhook_write").and.to.contain("write access to webhook endpoints");
    const unknown = await connect(fake, "rk_test_4242424242abcd").list().catch(String);
    expect(unknown).to.contain("abcd").and.to.contain("401");
    for (const text of [String(error), unknown]) expect(text).to.not.contain("4242424242");
  });

  it("are refused with Stripe's reason", async () => {
    await using fake = await fakeEndpointApi();
    const refusal = await connect(fake)
      .create({ ...example, types: ["charge.sneezed"] })
      .catch(String);
    expect(refusal).to.contain("status 400").and.to.contain("charge.sneezed");
  });
});
