import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type FakeEndpointApi, fakeEndpointApi, fakeEndpointKey } from "@takings/simulator";
import { expect } from "chai";
import { describe, it } from "mocha";
import { Stripe } from "stripe";

const url = "https://takings.example/webhooks/stripe";
const event = {
  id: "evt_1",
  type: "charge.succeeded",
  created: 1,
  livemode: false,
  api_version: "2020-08-27",
};

function send(
  fake: FakeEndpointApi,
  method: string,
  path: string,
  form: Record<string, string> = {},
): Promise<Answer> {
  return fetch(`${fake.url}/v1/webhook_endpoints${path}`, {
    method,
    headers: { authorization: `Bearer ${fakeEndpointKey}` },
    ...(method === "POST" && { body: new URLSearchParams(form) }),
  }).then(async (response) => ({ status: response.status, body: (await response.json()) as Answer["body"] }));
}

type Answer = {
  readonly status: number;
  readonly body: Record<string, unknown> & { readonly error?: { readonly message: string } };
};

/** An address that answers 500 to the first requests, and keeps what it gets. */
async function receiver(
  failures: number,
): Promise<AsyncDisposable & { readonly url: string; readonly got: { body: string; signature: string }[] }> {
  const got: { body: string; signature: string }[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      got.push({ body, signature: String(request.headers["stripe-signature"]) });
      response.writeHead(got.length > failures ? 200 : 500).end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    got,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe("The fake of Stripe's webhook endpoints", () => {
  it("shows a secret in the answer to the creation only", async () => {
    await using fake = await fakeEndpointApi();
    const { body } = await send(fake, "POST", "", { url, "enabled_events[0]": "*" });
    expect(body["secret"]).to.match(/^whsec_/);
    const id = String(body["id"]);
    for (const later of [
      await send(fake, "GET", `/${id}`),
      await send(fake, "POST", `/${id}`, { description: "new" }),
    ]) {
      expect(later.status).to.equal(200);
      expect(later.body).to.include({ id, url }).and.to.not.have.property("secret");
    }
  });

  it("refuses to change the API version and connect", async () => {
    await using fake = await fakeEndpointApi();
    const { body } = await send(fake, "POST", "", { url, "enabled_events[0]": "*" });
    for (const parameter of ["api_version", "connect"]) {
      const { status, body: answer } = await send(fake, "POST", `/${String(body["id"])}`, {
        [parameter]: "true",
      });
      expect(status).to.equal(400);
      expect(answer.error?.message).to.equal(`Received unknown parameter: ${parameter}`);
    }
  });

  it("refuses a seventeenth endpoint, unknown types, and one without an URL", async () => {
    await using fake = await fakeEndpointApi();
    const invalid = [{ url, "enabled_events[0]": "charge.sneezed" }, { "enabled_events[0]": "*" }];
    for (const form of invalid) expect((await send(fake, "POST", "", form)).status).to.equal(400);
    for (let n = 1; n <= 16; n += 1) fake.book.create(false, `url=${url}&enabled_events[]=*`);
    const { status, body } = await send(fake, "POST", "", { url, "enabled_events[0]": "*" });
    expect(status).to.equal(400);
    expect(body.error?.message).to.contain("maximum of 16");
    expect(fake.book.create(true, `url=${url}&enabled_events[]=*`).status).to.equal(200);
  });

  it("delivers an event in the endpoint's version, signed with its secret, again after failures", async () => {
    await using target = await receiver(2);
    await using fake = await fakeEndpointApi({ delivery: { retryDelaysMs: [1, 1] } });
    const form = `url=${target.url}&enabled_events[]=charge.succeeded&api_version=2024-06-20`;
    fake.book.create(false, form);
    await fake.send(event);
    await fake.send({ ...event, id: "evt_other", type: "charge.failed" });
    await fake.send({ ...event, id: "evt_connected", account: "acct_1" });
    expect(fake.attempts.map(({ event: id, status }) => `${id} ${status}`)).to.deep.equal([
      "evt_1 500",
      "evt_1 500",
      "evt_1 200",
    ]);
    const { body, signature } = target.got.at(-1) ?? { body: "", signature: "" };
    const received = Stripe.webhooks.constructEvent(body, signature, fake.book.endpoints[0]?.secret ?? "");
    expect(received).to.deep.equal({ ...event, api_version: "2024-06-20" });
  });

  it("disables an endpoint that keeps failing, and then sends it nothing", async () => {
    await using target = await receiver(Infinity);
    await using fake = await fakeEndpointApi({ delivery: { retryDelaysMs: [1, 1, 1], disableAfter: 2 } });
    fake.book.create(false, `url=${target.url}&enabled_events[]=*`);
    await fake.send(event);
    await fake.send({ ...event, id: "evt_2" });
    expect(fake.attempts).to.have.lengthOf(2);
    expect(fake.book.endpoints[0]?.status).to.equal("disabled");
    const list = await fetch(`${fake.url}/v1/events`, {
      headers: { authorization: `Bearer ${fakeEndpointKey}` },
    });
    expect(((await list.json()) as { data: unknown[] }).data).to.have.lengthOf(2);
  });
});
