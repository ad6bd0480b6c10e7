import { createStripeEndpoints } from "@takings/endpoint";
import { testVariable } from "@takings/testkit";
import { expect } from "chai";
import { describe, it } from "mocha";
import { wanted } from "./test-context.ts";

// Run by `pnpm test:stripe`, against the mock server that Stripe generates from its OpenAPI description. It refuses
// parameters that are not in it, and its answers are examples.

const stripe = createStripeEndpoints({
  apiKey: "sk_test_123",
  apiUrl: new URL(testVariable("STRIPE_MOCK_URL")),
  stopping: new AbortController().signal,
});

const metadata = { takings_secret: "01234567", managed_by: "" };

describe("Stripe's mock server, asked for webhook endpoints", () => {
  it("accepts our request for the list, which is understood", async () => {
    expect((await stripe.list())[0]).to.have.property("types");
  });

  it("accepts our request to create one, although its example of an answer has no secret", async () => {
    // The mock server knows versions up to its own release only.
    const created = {
      ...wanted,
      apiVersion: "2025-03-31.basil",
      connect: true,
      description: "Takings",
      metadata,
    };
    expect(await stripe.create(created).catch(String)).to.contain("malformed at secret");
  });

  it("accepts our requests to change and to delete one", async () => {
    await stripe.update("we_1", { url: wanted.url, types: wanted.types, enabled: true, metadata });
    await stripe.remove("we_1");
  });
});
