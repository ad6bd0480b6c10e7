// Runs in a pod: delivers the events on standard input (a JSON object with id and body a line) as Stripe does, each
// again until it gets a 2xx, and prints what happened as one line of JSON. What was not taken at the first attempt is
// counted by what was answered.
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";

const { INGRESS_URL, WEBHOOK_SECRETS_FILE, CONCURRENCY, PER_SECOND, PATIENCE_MS } = process.env;
const secret = readFileSync(WEBHOOK_SECRETS_FILE, "utf8")
  .split(/[\s,]+/)
  .find((word) => word !== "");
const result = { events: 0, accepted: 0, duplicates: 0, failures: {}, slowestMs: 0, seconds: 0 };

async function attempt(body) {
  const timestamp = Math.floor(Date.now() / 1000);
  const v1 = createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
  const headers = { "content-type": "application/json", "stripe-signature": `t=${timestamp},v1=${v1}` };
  try {
    const signal = AbortSignal.timeout(30_000);
    const answer = await fetch(`${INGRESS_URL}/webhooks/stripe`, { method: "POST", headers, body, signal });
    const text = await answer.text();
    if (answer.ok && JSON.parse(text).duplicate) result.duplicates += 1;
    return answer.ok ? undefined : `${answer.status}`;
  } catch (error) {
    return error.cause ? `${error.cause.code}: ${error.cause.message}` : error.name;
  }
}

async function deliver(body) {
  const began = Date.now();
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, 3_000)) {
    const failure = await attempt(body);
    if (failure === undefined) break;
    result.failures[failure] = (result.failures[failure] ?? 0) + 1;
    if (Date.now() - began > Number(PATIENCE_MS)) return;
    await delay(pauseMs);
  }
  result.accepted += 1;
  result.slowestMs = Math.max(result.slowestMs, Date.now() - began);
}

const bodies = [];
for await (const line of createInterface({ input: process.stdin })) bodies.push(JSON.parse(line).body);
result.events = bodies.length;
const began = Date.now();
const queue = bodies.entries();
async function work() {
  for (const [index, body] of queue) {
    // At an even pace, so that it lasts as long as what happens meanwhile.
    if (PER_SECOND) await delay(Math.max(0, began + (index * 1000) / Number(PER_SECOND) - Date.now()));
    await deliver(body);
  }
}
await Promise.all(Array.from({ length: Number(CONCURRENCY) }, work));
result.seconds = (Date.now() - began) / 1000;
process.stdout.write(`${JSON.stringify(result)}\n`);
