import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { serveReady, type Serving } from "./serving.ts";
import { setStage, type Stage } from "./stage.ts";

describe("anything but the webhook", () => {
  let stage: Stage;
  let ingress: Serving;
  before(async () => {
    stage = await setStage();
    ingress = await serveReady(stage.nats);
  });
  after(async () => {
    await ingress.close();
    await stage.close();
  });

  for (const method of ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    it(`is answered with 405 and what is allowed, for ${method}`, async () => {
      const response = await fetch(`${ingress.url}/webhooks/stripe`, { method });
      expect(response.status).to.equal(405);
      expect(response.headers.get("allow")).to.equal("POST");
      expect(response.headers.get("content-type")).to.match(/^application\/problem\+json/);
      expect(await response.json()).to.include({ status: 405, title: "Method Not Allowed" });
    });
  }

  for (const path of ["/", "/webhooks", "/webhooks/stripe/more", "/metrics", "/readyz"]) {
    it(`is answered with 404: ${path}`, async () => {
      const response = await fetch(`${ingress.url}${path}`, { method: "POST", body: "x" });
      expect(response.status).to.equal(404);
      expect(response.headers.get("content-type")).to.match(/^application\/problem\+json/);
      expect(await response.json()).to.include({ status: 404, title: "Not Found" });
    });
  }

  it("is answered as a problem too when the path cannot be decoded", async () => {
    const response = await fetch(`${ingress.url}/%zz`);
    expect(response.status).to.be.within(400, 499);
    expect(response.headers.get("content-type")).to.match(/^application\/problem\+json/);
  });
});
