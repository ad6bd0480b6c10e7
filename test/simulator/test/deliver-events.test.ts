import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { describe, it } from "mocha";
import { Stripe } from "stripe";
import { type DeliveryReport, type DeliverySettings, deliverEvents } from "../src/deliver-events.ts";

const secret = "whsec_send";
const events = ["a", "b", "c"].map((name) => ({
  id: `evt_${name}`,
  type: "x",
  body: `{"id":"evt_${name}"}`,
}));

function receiptFor(body: string, duplicate = false): string {
  return JSON.stringify({ received: true, event_id: (JSON.parse(body) as { id: string }).id, duplicate });
}

async function listen(server: Server): Promise<string> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function sendTo(
  respond: (body: string, response: ServerResponse, request: IncomingMessage) => void,
  settings: Partial<DeliverySettings> = {},
): Promise<DeliveryReport> {
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> =>
    respond((await request.toArray()).join(""), response, request);
  await using server = createServer((request, response) => void handle(request, response));
  const url = await listen(server);
  try {
    return await deliverEvents(events, { url, secret, concurrency: 2, ...settings });
  } finally {
    server.closeAllConnections();
  }
}

describe("Delivering events", () => {
  it("signs each event so that the stripe package accepts it", async () => {
    const seen: string[] = [];
    const { accepted } = await sendTo((body, response, request) => {
      const header = request.headers["stripe-signature"] ?? "";
      seen.push(Stripe.webhooks.constructEvent(body, header, secret).id);
      response.end(receiptFor(body));
    });
    expect(seen.toSorted()).to.deep.equal(["evt_a", "evt_b", "evt_c"]);
    expect(accepted).to.equal(3);
  });

  it("retries events that got no 2xx", async () => {
    let requests = 0;
    const { accepted, duplicates, retries, refused } = await sendTo((body, response) => {
      requests += 1;
      response.writeHead(requests <= 2 ? 503 : 200).end(receiptFor(body));
    });
    expect({ accepted, duplicates, retries, refused }).to.deep.equal({
      accepted: 3,
      duplicates: 0,
      retries: 2,
      refused: [],
    });
  });

  it("counts the duplicates that ingress reports", async () => {
    const report = await sendTo((body, response) => response.end(receiptFor(body, true)));
    expect(report.duplicates).to.equal(3);
  });

  it("does not take a 2xx with the receipt of another event for an acceptance", async () => {
    const { accepted, refused } = await sendTo((_, response) =>
      response.end('{"received":true,"event_id":"evt_other"}'),
    );
    expect([accepted, refused.length]).to.deep.equal([0, 3]);
  });

  it("reports refusals with their responses, and does not retry them", async () => {
    const { refused, retries } = await sendTo((_, response) => response.writeHead(400).end("no"));
    expect(
      refused.map(({ event, response }) => `${event.id} ${response.status} ${response.body}`),
    ).to.have.members(["evt_a 400 no", "evt_b 400 no", "evt_c 400 no"]);
    expect(retries).to.equal(0);
  });

  it("stops at the first refusal where that is wanted", async () => {
    const settings = { stopAtRefusal: true, concurrency: 1 };
    const { refused } = await sendTo((_, response) => response.writeHead(400).end("no"), settings);
    expect(refused.map(({ event }) => event.id)).to.deep.equal(["evt_a"]);
  });

  it("reports the error code where nothing listens", async () => {
    const server = createServer();
    const url = await listen(server);
    await server[Symbol.asyncDispose]();
    const { refused } = await deliverEvents(events, { url, secret, concurrency: 1, retryForMs: 0 });
    expect(refused.map(({ response }) => response.error)).to.deep.equal(Array(3).fill("ECONNREFUSED"));
  });
});
