import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { startReadyServer, type TestServer } from "./test-server.ts";
import { createTestContext, type TestContext } from "./test-context.ts";

describe("any request other than a webhook", () => {
  let context: TestContext;
  let ingress: TestServer;
  before(async () => {
    context = await createTestContext();
    ingress = await startReadyServer(context.nats);
  });
  after(async () => {
    await ingress.close();
    await context.close();
  });

  for (const method of ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    it(`gets 405 and the allowed method, for ${method}`, async () => {
      const response = await fetch(`${ingress.url}/webhooks/stripe`, { method });
      expect(response.status).to.equal(405);
      expect(response.headers.get("allow")).to.equal("POST");
      expect(response.headers.get("content-type")).to.match(/^application\/problem\+json/);
      expect(await response.json()).to.include({ status: 405, title: "Method Not Allowed" });
    });
  }

  for (const path of ["/", "/webhooks", "/webhooks/stripe/more", "/metrics", "/readyz"]) {
    it(`gets 404: ${path}`, async () => {
      const response = await fetch(`${ingress.url}${path}`, { method: "POST", body: "x" });
      expect(response.status).to.equal(404);
      expect(response.headers.get("content-type")).to.match(/^application\/problem\+json/);
      expect(await response.json()).to.include({ status: 404, title: "Not Found" });
    });
  }

  it("gets a problem document too when the path cannot be decoded", async () => {
    const response = await fetch(`${ingress.url}/%zz`);
    expect(response.status).to.be.within(400, 499);
    expect(response.headers.get("content-type")).to.match(/^application\/problem\+json/);
  });
});
