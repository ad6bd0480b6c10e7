// The Stripe CLI: `stripe listen --print-secret`, and `stripe listen --forward-to URL`, which forwards one event and waits.
// FAKE_CLUSTER is a folder for event.json, the event to forward, and forwarded.txt, the response to it.
import { createHmac } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const { FAKE_CLUSTER: cluster, FAKE_STRIPE_SECRET: secret } = process.env;
const [command, option, url] = process.argv.slice(2);
if (command === "listen" && option === "--print-secret") process.stdout.write(`${secret}\n`);
else if (command === "listen" && option === "--forward-to") await forward();
else process.exitCode = 1;

async function forward() {
  process.stdout.write(`Ready! Your webhook signing secret is ${secret} (^C to quit)\n`);
  const body = readFileSync(join(cluster, "event.json"), "utf8");
  const seconds = Math.floor(Date.now() / 1_000);
  const signature = createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex");
  const headers = { "stripe-signature": `t=${seconds},v1=${signature}` };
  const response = await fetch(url, { method: "POST", headers, body });
  writeFileSync(join(cluster, "forwarded.txt"), `${response.status}`);
  process.on("SIGTERM", () => process.exit(7));
  setInterval(() => undefined, 1_000);
}
