import { rejects } from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { expect } from "chai";
import { describe, it } from "mocha";
import { Stripe } from "stripe";
import { type SendResult, sendTraffic } from "../src/send-traffic.ts";

const secret = "whsec_send";
const events = ["a", "b", "c"].map((name) => ({
  id: `evt_${name}`,
  type: "x",
  body: `{"id":"evt_${name}"}`,
}));

async function sendTo(
  listener: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<SendResult> {
  await using server = createServer((request, response) => void listener(request, response));
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    return await sendTraffic({ url, secret, concurrency: 2, progress: () => undefined }, events);
  } finally {
    server.closeAllConnections();
  }
}

describe("sending traffic", () => {
  it("signs each event so that Stripe's own check accepts it", async () => {
    const seen: string[] = [];
    await sendTo(async (request, response) => {
      const body = (await request.toArray()).join("");
      const header = request.headers["stripe-signature"] ?? "";
      seen.push(Stripe.webhooks.constructEvent(body, header, secret).id);
      response.end("{}");
    });
    expect(seen.toSorted()).to.deep.equal(["evt_a", "evt_b", "evt_c"]);
  });

  it("sends again what was not taken", async () => {
    let requests = 0;
    const result = await sendTo((_request, response) => {
      requests += 1;
      response.writeHead(requests <= 2 ? 503 : 200).end("{}");
    });
    expect(result).to.deep.equal({ accepted: 3, duplicates: 0, retries: 2 });
  });

  it("counts the duplicates that the broker knew", async () => {
    const result = await sendTo((_request, response) => response.end('{"received":true,"duplicate":true}'));
    expect(result.duplicates).to.equal(3);
  });

  it("gives up at once, and says how to go on, when the signature is refused", async () => {
    const sending = sendTo((_request, response) => response.writeHead(400).end("no"));
    await rejects(sending, /refused x evt_.: 400 no.*set STRIPE_WEBHOOK_SECRETS as for pnpm start/);
  });
});
