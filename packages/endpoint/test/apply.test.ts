import { applyEndpoint, fingerprintOf, lookAtEndpoint, wantedEndpoint } from "@takings/endpoint";
import { expect } from "chai";
import { describe, it } from "mocha";
import { type EndpointContext, endpointContext, wanted } from "./test-context.ts";

/** Creates an endpoint at the fake as another tool would. */
async function createForeign(
  { fake, dependencies }: EndpointContext,
  url: string,
  apiVersion?: string,
): Promise<void> {
  await dependencies.stripe.create({
    url,
    types: ["charge.succeeded"],
    apiVersion: apiVersion ?? wanted.apiVersion,
    connect: false,
    description: "by hand",
    metadata: {},
  });
  fake.requests.length = 0;
}

/** The requests that changed something. */
function writes({ fake }: EndpointContext): readonly string[] {
  return fake.requests.filter((request) => !request.startsWith("GET"));
}

describe("Applying an endpoint", () => {
  it("creates it as wanted, stores its secret, and writes nothing the second time", async () => {
    await using context = await endpointContext();
    const { fake, store, dependencies } = context;
    const plan = await applyEndpoint(wanted, dependencies);
    expect(plan.changes).to.be.empty;
    const [created] = fake.book.endpoints;
    expect(created).to.deep.include({
      url: wanted.url,
      types: wanted.types,
      apiVersion: wanted.apiVersion,
      connect: false,
    });
    expect(store.secrets).to.deep.equal([created?.secret]);
    expect(created?.metadata).to.deep.equal({
      managed_by: "takings",
      takings_source: "default",
      takings_connect: "false",
      takings_secret: fingerprintOf(created?.secret ?? ""),
    });
    fake.requests.length = 0;
    await applyEndpoint(wanted, dependencies);
    expect(writes(context)).to.be.empty;
  });

  it("mends the URL, the types and the status in one request", async () => {
    await using context = await endpointContext();
    const { fake, dependencies } = context;
    await applyEndpoint(wanted, dependencies);
    const [endpoint] = fake.book.endpoints;
    Object.assign(endpoint ?? {}, { url: "https://old.example/", types: ["*"], status: "disabled" });
    fake.requests.length = 0;
    await applyEndpoint(wanted, dependencies);
    expect(endpoint).to.deep.include({ url: wanted.url, types: wanted.types, status: "enabled" });
    expect(writes(context)).to.have.lengthOf(1);
  });

  it("never changes an endpoint of others, and creates none beside one with our URL", async () => {
    await using context = await endpointContext();
    const { fake, dependencies } = context;
    await createForeign(context, wanted.url);
    await createForeign(context, "https://other.example/");
    const before = structuredClone(fake.book.endpoints);
    const plan = await applyEndpoint(wanted, dependencies);
    expect(plan.changes.map(({ kind }) => kind)).to.deep.equal(["foreign"]);
    expect(fake.book.endpoints).to.deep.equal(before);
  });

  it("replaces one with our URL where it may adopt it", async () => {
    await using context = await endpointContext();
    const { fake, store, dependencies, applied } = context;
    await createForeign(context, wanted.url);
    const plan = await applyEndpoint(wanted, dependencies, { adopt: true });
    expect(plan.changes).to.be.empty;
    expect(applied).to.deep.equal(["adopt", "create", "remove"]);
    expect(fake.book.endpoints.map(({ secret }) => secret)).to.deep.equal(store.secrets);
  });

  it("never lets two API versions be enabled, and keeps secrets of others", async () => {
    await using context = await endpointContext();
    const { fake, store, dependencies, applied } = context;
    store.secrets = ["whsec_of_somebody_else"];
    await applyEndpoint({ ...wanted, apiVersion: "2024-06-20" }, dependencies);
    const before = store.secrets;
    const versions: number[] = [];
    fake.onRequest = () => {
      const enabled = fake.book.endpoints.filter(({ status }) => status === "enabled");
      versions.push(new Set(enabled.map(({ apiVersion }) => apiVersion)).size);
    };
    applied.length = 0;
    await applyEndpoint(wanted, dependencies);
    expect(applied).to.deep.equal(["disable", "create", "remove"]);
    expect(Math.max(...versions)).to.equal(1);
    expect(fake.book.endpoints.map(({ apiVersion }) => apiVersion)).to.deep.equal([wanted.apiVersion]);
    expect(store.secrets[0]).to.equal("whsec_of_somebody_else");
    expect(store.secrets.slice(1)).to.deep.equal(fake.book.endpoints.map(({ secret }) => secret));
    expect(store.secrets[1]).to.not.equal(before[1]);
  });

  it("leaves everything as it was where the limit of endpoints is reached", async () => {
    await using context = await endpointContext();
    const { fake, store, dependencies } = context;
    for (let n = 0; n < 15; n += 1) await createForeign(context, `https://other.example/${n}`);
    await applyEndpoint({ ...wanted, apiVersion: "2024-06-20" }, dependencies);
    const before = structuredClone(fake.book.endpoints);
    const secrets = store.secrets;
    fake.requests.length = 0;
    const { changes } = await lookAtEndpoint(wanted, dependencies);
    expect(changes.find(({ kind }) => kind === "create")?.reason).to.contain("delete one first");
    const failure = await applyEndpoint(wanted, dependencies).catch(String);
    expect(failure).to.contain("maximum of 16 webhook endpoints");
    expect(writes(context)).to.be.empty;
    expect(fake.book.endpoints).to.deep.equal(before);
    expect(store.secrets).to.deep.equal(secrets);
  });

  it("deletes the endpoint again whose secret it could not store", async () => {
    await using context = await endpointContext();
    const { fake, dependencies } = context;
    const secrets = { ...dependencies.secrets, update: () => Promise.reject(new Error("disk full")) };
    const failure = await applyEndpoint(wanted, { ...dependencies, secrets }).catch(String);
    expect(failure).to.contain("disk full");
    expect(fake.book.endpoints).to.be.empty;
  });

  it("sends nothing where secrets cannot be stored", async () => {
    await using context = await endpointContext();
    const { dependencies } = context;
    const secrets = {
      ...dependencies.secrets,
      requireWritable: () => Promise.reject(new Error("read-only")),
    };
    const failure = await applyEndpoint(wanted, { ...dependencies, secrets }).catch(String);
    expect(failure).to.contain("read-only");
    expect(writes(context)).to.be.empty;
  });

  it("creates one endpoint where the answer to its creation is lost", async () => {
    await using context = await endpointContext();
    const { fake, store, dependencies } = context;
    fake.onRequest = (request) => {
      if (request === "POST /v1/webhook_endpoints" && fake.book.endpoints.length === 0)
        fake.faults.push({ kind: "lost" });
    };
    await applyEndpoint(wanted, dependencies);
    expect(fake.book.endpoints.map(({ secret }) => secret)).to.deep.equal(store.secrets);
  });

  it("has an endpoint for connected accounts beside the account's own", async () => {
    await using context = await endpointContext();
    const { fake, store, dependencies } = context;
    const connect = wantedEndpoint({ ...wanted, connect: true });
    await applyEndpoint(wanted, dependencies);
    await applyEndpoint(connect, dependencies);
    expect(fake.book.endpoints.map((one) => one.connect)).to.deep.equal([false, true]);
    expect(store.secrets).to.deep.equal(fake.book.endpoints.map(({ secret }) => secret));
    for (const one of [wanted, connect]) {
      expect((await lookAtEndpoint(one, dependencies)).changes).to.be.empty;
    }
  });
});
