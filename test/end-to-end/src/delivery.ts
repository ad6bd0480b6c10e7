import { Agent, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { sign } from "@takings/testkit";
import type { StripeEvent } from "./scenario.ts";

/** Where and how to deliver. */
export type DeliverySettings = {
  /** The ingress, for example `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly secret: string;
  /** How many requests may be under way at once. */
  readonly concurrency: number;
  /** How long a delivery is repeated before it counts as refused. */
  readonly timeoutMs?: number;
  /** Told after every delivery how many are done. */
  readonly progress?: (done: number) => void;
};

/** What became of the deliveries. */
export type DeliveryReport = {
  readonly accepted: number;
  /** Accepted ones of which the answer said that they were there before. */
  readonly duplicates: number;
  /** Attempts beyond the first of a delivery. */
  readonly retries: number;
  /** `id: status body` of what was never accepted. */
  readonly refused: readonly string[];
  readonly elapsedMs: number;
};

type Answer = { readonly status: number; readonly body: string; readonly retryAfterMs: number };

/** Sends every delivery as Stripe does: signed anew for each attempt, and again until there is a 2xx. */
export async function deliverAll(
  deliveries: readonly StripeEvent[],
  settings: DeliverySettings,
): Promise<DeliveryReport> {
  const agent = new Agent({ keepAlive: true, maxSockets: settings.concurrency });
  const tally = { accepted: 0, duplicates: 0, retries: 0 };
  const refused: string[] = [];
  const waiting = deliveries.values();
  const startedAt = performance.now();
  let done = 0;
  const worker = async (): Promise<void> => {
    for (const event of waiting) {
      const { answer, attempts } = await deliverUntilAccepted(event, settings, agent);
      tally.retries += attempts - 1;
      if (isAcceptance(answer, event)) tally.accepted += 1;
      else refused.push(`${event.id}: ${answer.status} ${answer.body}`);
      if (answer.body.includes('"duplicate":true')) tally.duplicates += 1;
      settings.progress?.(++done);
    }
  };
  await Promise.all(Array.from({ length: settings.concurrency }, worker));
  agent.destroy();
  return { ...tally, refused, elapsedMs: performance.now() - startedAt };
}

/** Repeats a delivery until it is accepted, found wrong (4xx), or patience is at an end. */
async function deliverUntilAccepted(
  event: StripeEvent,
  settings: DeliverySettings,
  agent: Agent,
): Promise<{ answer: Answer; attempts: number }> {
  const deadline = Date.now() + (settings.timeoutMs ?? 60_000);
  for (let attempts = 1; ; attempts += 1) {
    const answer = await post(event, settings, agent);
    const mayWorkLater = answer.status === 0 || answer.status >= 500;
    if (!mayWorkLater || Date.now() > deadline) return { answer, attempts };
    await delay(Math.min(answer.retryAfterMs, 2 ** attempts * 25) * (0.5 + Math.random() / 2));
  }
}

/** One attempt; status 0 when there was no answer at all. */
function post(event: StripeEvent, { url, secret }: DeliverySettings, agent: Agent): Promise<Answer> {
  const body = Buffer.from(event.body);
  const headers = {
    "content-type": "application/json; charset=utf-8",
    "content-length": body.length,
    "stripe-signature": sign(event.body, secret),
    "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
  };
  return new Promise((resolve) => {
    const fail = (error: Error): void => resolve({ status: 0, body: String(error), retryAfterMs: 1_000 });
    const sent = request(
      `${url}/webhooks/stripe`,
      { method: "POST", headers, agent, timeout: 30_000 },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", fail);
        response.on("end", () => {
          const retryAfterMs = Number(response.headers["retry-after"] ?? 1) * 1000;
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString(), retryAfterMs });
        });
      },
    );
    sent.on("timeout", () => sent.destroy(new Error("no answer within 30 s")));
    sent.on("error", fail);
    sent.end(body);
  });
}

/** A 2xx counts only when it says whose receipt it is. */
function isAcceptance({ status, body }: Answer, event: StripeEvent): boolean {
  return status === 200 && body.includes('"received":true') && body.includes(`"event_id":"${event.id}"`);
}
