// Run by `helm test` in a pod of the image: sends one test-mode payment of a fictitious connected account to ingress,
// signed with the installation's secret, and checks that revenue-query returns exactly that revenue for the account.
import { createHmac, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

const { INGRESS_URL, REVENUE_URL, WEBHOOK_SECRETS_FILE, STRIPE_WEBHOOK_SECRETS, STRIPE_SOURCES_FILE, API_TOKENS_FILE, TIMEOUT_SECONDS } = process.env;
const firstOf = (text) => text.split(/[\s,]+/).find((word) => word !== "");
const firstIn = (file) => firstOf(readFileSync(file, "utf8"));
// Before the watch of the endpoint has written its first secret there is no file, and ingress has the other secrets only.
const ofDefault = () => (STRIPE_WEBHOOK_SECRETS && !existsSync(WEBHOOK_SECRETS_FILE) ? firstOf(STRIPE_WEBHOOK_SECRETS) : firstIn(WEBHOOK_SECRETS_FILE));
// The source `default`, or without one the first of the file of the sources.
const [[source, secret]] = STRIPE_SOURCES_FILE
  ? Object.entries(JSON.parse(readFileSync(STRIPE_SOURCES_FILE, "utf8"))).map(([name, { webhook_secrets: [first] = [], webhook_secrets_file: file }]) => [name, first ?? firstIn(file)])
  : [["default", ofDefault()]];
const [path, filter] = source === "default" ? ["", ""] : [`/${source}`, `&source=${source}`];

const run = randomBytes(8).toString("hex");
const account = `acct_helmtest${run}`;
const created = Math.floor(Date.now() / 1000);
const body = JSON.stringify({
  id: `evt_helmtest${run}`,
  object: "event",
  type: "payment_intent.succeeded",
  api_version: "2025-03-31.basil",
  created,
  livemode: false,
  account,
  data: { object: { id: `pi_helmtest${run}`, object: "payment_intent", amount: 4321, amount_received: 4321, currency: "eur", created, livemode: false, status: "succeeded" } },
});
const signature = createHmac("sha256", secret).update(`${created}.${body}`).digest("hex");
const headers = { "content-type": "application/json", "stripe-signature": `t=${created},v1=${signature}` };
const sent = await fetch(`${INGRESS_URL}/webhooks/stripe${path}`, { method: "POST", headers, body });
if (sent.status !== 200) throw new Error(`ingress responded with ${sent.status}: ${await sent.text()}`);

const authorization = API_TOKENS_FILE && { authorization: `Bearer ${firstIn(API_TOKENS_FILE)}` };
const deadline = Date.now() + Number(TIMEOUT_SECONDS) * 1000;
for (;;) {
  const response = await fetch(`${REVENUE_URL}/v1/revenue?livemode=false&account=${account}${filter}`, { headers: { ...authorization } });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`revenue-query responded with ${response.status}: ${text}`);
  const [total, ...others] = JSON.parse(text).totals;
  if (total?.currency === "eur" && total.gross.minor === "4321" && total.counts.payments === 1 && others.length === 0) break;
  if (total !== undefined) throw new Error(`Sent one payment of 43.21 EUR, but the revenue is ${text}`);
  if (Date.now() > deadline) throw new Error(`The event was not counted within ${TIMEOUT_SECONDS} s; see the logs of the consumer`);
  await delay(200);
}
process.stdout.write(`evt_helmtest${run}: answered with 2xx and counted once, as 43.21 EUR\n`);
