// Runs in a pod: sends the events on standard input (one JSON object with id and body per line, ended by an empty line)
// as Stripe does, each until it is answered with 2xx, and prints the result as one line of JSON. PER_SECOND sets an even
// pace, which is four times as fast once standard input is closed. Without it events are sent as fast as possible.
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";

const { INGRESS_URL, WEBHOOK_SECRETS_FILE, CONCURRENCY, PER_SECOND, RETRY_TIMEOUT_MS } = process.env;
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
    const response = await fetch(`${INGRESS_URL}/webhooks/stripe`, { method: "POST", headers, body, signal });
    const text = await response.text();
    if (response.ok && JSON.parse(text).duplicate) result.duplicates += 1;
    if (response.ok) return undefined;
    // While a Service has no ready pod, its address may lead out of the cluster to something else that answers.
    const isIngress = response.headers.get("content-type")?.startsWith("application/problem+json");
    return isIngress ? `${response.status}` : `${response.status} from elsewhere`;
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
    if (Date.now() - began > Number(RETRY_TIMEOUT_MS)) return;
    await delay(pauseMs);
  }
  result.accepted += 1;
  result.slowestMs = Math.max(result.slowestMs, Date.now() - began);
}

const bodies = [];
const input = createInterface({ input: process.stdin });
const isClosed = new Promise((resolve) => input.on("close", resolve));
const haveAll = new Promise((resolve) => {
  input.on("line", (line) => (line === "" ? resolve() : bodies.push(JSON.parse(line).body)));
});
await Promise.race([haveAll, isClosed]);
result.events = bodies.length;
const began = Date.now();
const queue = bodies.entries();
const pace = { perSecond: Number(PER_SECOND), since: began, firstIndex: 0 };
let lastIndex = 0;
void isClosed.then(() =>
  Object.assign(pace, { perSecond: 4 * pace.perSecond, since: Date.now(), firstIndex: lastIndex }),
);

async function turn(index) {
  lastIndex = index;
  const dueAt = pace.since + ((index - pace.firstIndex) * 1000) / pace.perSecond;
  if (PER_SECOND) await delay(Math.max(0, dueAt - Date.now()));
}
async function work() {
  for (const [index, body] of queue) {
    await turn(index);
    await deliver(body);
  }
}
await Promise.all(Array.from({ length: Number(CONCURRENCY) }, work));
result.seconds = (Date.now() - began) / 1000;
process.stdout.write(`${JSON.stringify(result)}\n`);
process.stdin.destroy();
