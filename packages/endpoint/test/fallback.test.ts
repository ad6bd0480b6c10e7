import { applyEndpoint, type EndpointDependencies, type SecretStore } from "@takings/endpoint";
import { TakingsError } from "@takings/domain";
import { expect } from "chai";
import { describe, it } from "mocha";
import { type EndpointContext, endpointContext, wanted } from "./test-context.ts";

const oldVersion = { ...wanted, apiVersion: "2024-06-20" };
const outage = (): Promise<never> =>
  Promise.reject(new TakingsError("unavailable", "no answer from the store"));

/** The dependencies with a store that is out of order in part. */
function withStore(
  { dependencies, store }: EndpointContext,
  fields: Partial<SecretStore>,
): EndpointDependencies {
  return { ...dependencies, secrets: { ...store, ...fields } };
}

/** The API versions of the endpoints, and whether they are enabled. */
function states({ fake }: EndpointContext): readonly (readonly [string | null, string])[] {
  return fake.book.endpoints.map(({ apiVersion, status }) => [apiVersion, status]);
}

/** An apply that was interrupted after it had disabled the endpoint of another API version. */
async function interruptedChange(context: EndpointContext): Promise<void> {
  await applyEndpoint(oldVersion, context.dependencies);
  Object.assign(context.fake.book.endpoints[0] ?? {}, { status: "disabled" });
}

describe("Replacing an endpoint of another API version", () => {
  it("enables it again where the secret of its successor cannot be stored during an outage", async () => {
    await using context = await endpointContext();
    await applyEndpoint(oldVersion, context.dependencies);
    const failure = await applyEndpoint(wanted, withStore(context, { update: outage })).catch(String);
    expect(failure).to.contain("no answer from the store");
    expect(states(context)).to.deep.equal([[oldVersion.apiVersion, "enabled"]]);
  });

  it("enables it again where Stripe refuses its successor", async () => {
    await using context = await endpointContext();
    const { fake, dependencies } = context;
    await applyEndpoint(oldVersion, dependencies);
    fake.onRequest = (request) => {
      if (request === "POST /v1/webhook_endpoints") fake.faults.push({ kind: "status", status: 400 });
    };
    expect(await applyEndpoint(wanted, dependencies).catch(String)).to.contain("status 400");
    expect(states(context)).to.deep.equal([[oldVersion.apiVersion, "enabled"]]);
  });

  it("enables it again after an interruption, where secrets cannot be stored", async () => {
    await using context = await endpointContext();
    await interruptedChange(context);
    const failure = await applyEndpoint(wanted, withStore(context, { requireWritable: outage })).catch(
      String,
    );
    expect(failure).to.contain("no answer from the store");
    expect(states(context)).to.deep.equal([[oldVersion.apiVersion, "enabled"]]);
  });

  it("leaves it disabled where the successor exists, whose secret was lost", async () => {
    await using context = await endpointContext();
    const { fake } = context;
    await interruptedChange(context);
    const { url, types, apiVersion } = wanted;
    const metadata = { managed_by: "takings", takings_source: "default" };
    await context.dependencies.stripe.create({
      url,
      types,
      apiVersion,
      connect: false,
      description: "",
      metadata,
    });
    const both = [
      [oldVersion.apiVersion, "disabled"],
      [apiVersion, "enabled"],
    ];
    const store = withStore(context, { requireWritable: outage });
    for (const isFull of [false, true]) {
      if (isFull) {
        const other = { url: "https://other.example/", types, apiVersion, connect: false, description: "" };
        for (let n = 2; n < 16; n += 1) await context.dependencies.stripe.create({ ...other, metadata: {} });
      }
      expect(await applyEndpoint(wanted, store).catch(String)).to.contain("no answer");
      expect(states(context).slice(0, 2)).to.deep.equal(both);
    }
    expect(fake.book.endpoints).to.have.lengthOf(16);
  });
});
