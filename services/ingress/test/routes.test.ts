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

  it("gets 200 and what listens here, for GET and HEAD of /, and counts as no webhook", async () => {
    const before = await ingress.outcomes();
    const response = await fetch(`${ingress.url}/`);
    expect(response.status).to.equal(200);
    expect(await response.json()).to.deep.equal({
      service: "takings-ingress",
      webhooks: "POST /webhooks/stripe",
    });
    const head = await fetch(`${ingress.url}/`, { method: "HEAD" });
    expect([head.status, await head.text()]).to.deep.equal([200, ""]);
    expect(await ingress.outcomes()).to.deep.equal(before);
  });

  it("gets 503 for / while no event could be stored, without the reason", async () => {
    const notReadyReason = (): string => "no connection to NATS at 10.1.2.3";
    await using unready = await startReadyServer(context.nats, { notReadyReason });
    const response = await fetch(`${unready.url}/`);
    expect(response.status).to.equal(503);
    expect(response.headers.get("content-type")).to.match(/^application\/problem\+json/);
    expect(await response.json()).to.deep.equal({
      type: "about:blank",
      title: "Service Unavailable",
      status: 503,
      detail: "Events cannot be stored right now.",
    });
  });

  it("gets a problem document too when the path cannot be decoded", async () => {
    const response = await fetch(`${ingress.url}/%zz`);
    expect(response.status).to.be.within(400, 499);
    expect(response.headers.get("content-type")).to.match(/^application\/problem\+json/);
  });
});
