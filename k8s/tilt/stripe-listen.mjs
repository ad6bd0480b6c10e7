// node k8s/tilt/stripe-listen.mjs --namespace NAMESPACE --ingress URL
//
// `stripe listen` for an installation in a cluster. Stripe signs the events that it forwards with a secret of its own,
// which `stripe listen --print-secret` prints. This adds it to the Secret takings-stripe, waits until ingress accepts it,
// and then forwards the events. Secrets are passed on standard input, because arguments are visible to others.
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";

const secretName = "takings-stripe";
const key = "STRIPE_WEBHOOK_SECRETS";
// The kubelet refreshes a mounted Secret within about a minute; ingress reads the file within seconds.
const acceptWithinMs = 180_000;
const say = (line) => void process.stdout.write(`${line}\n`);

/** Runs a program to its end, with `input` on its standard input. Returns its standard output. */
async function output(command, args, input = "") {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.on("error", () => undefined).end(input);
  const [[code], printed] = await Promise.all([once(child, "close"), text(child.stdout)]);
  if (code !== 0) throw new Error(`${command} ${args.slice(0, 3).join(" ")} exited with ${code}.`);
  return printed;
}

async function signingSecret() {
  const printed = await output("stripe", ["listen", "--print-secret"]);
  const secret = /whsec_\w+/.exec(printed)?.[0];
  if (secret === undefined) throw new Error("stripe listen --print-secret printed no secret. Run stripe login first.");
  return secret;
}

/** Adds the secret to those that ingress accepts. The first one stays first, because the demo signs with it. */
async function addSecret(secret, namespace) {
  const common = ["--namespace", namespace];
  const object = JSON.parse(await output("kubectl", ["get", "secret", secretName, ...common, "--output", "json"]));
  const present = Buffer.from(object.data?.[key] ?? "", "base64").toString();
  if (present.split(/[\s,]+/).includes(secret)) return;
  object.data = { ...object.data, [key]: Buffer.from(`${present}\n${secret}`.trim()).toString("base64") };
  // Fails when someone else has changed the Secret meanwhile, because the object has its resourceVersion.
  await output("kubectl", ["replace", ...common, "--filename", "-"], JSON.stringify(object));
}

/** Resolves once ingress takes a signature made with the secret. The body is no event, so nothing is stored. */
async function untilAccepted(secret, url) {
  const deadline = Date.now() + acceptWithinMs;
  while (!(await accepts(secret, url))) {
    if (Date.now() > deadline)
      throw new Error(`${url} does not accept the secret of stripe listen after ${acceptWithinMs / 1000} s. Its log says why.`);
    await delay(1_000);
  }
}

async function accepts(secret, url) {
  const body = "{}";
  const seconds = Math.floor(Date.now() / 1_000);
  const signature = createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex");
  const headers = { "content-type": "application/json", "stripe-signature": `t=${seconds},v1=${signature}` };
  try {
    const response = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(10_000) });
    return (await response.text()).includes("The body is not a Stripe event.");
  } catch {
    // ingress or the port forwarding is not there yet.
    return false;
  }
}

try {
  const { values } = parseArgs({ options: { namespace: { type: "string" }, ingress: { type: "string" } } });
  const { namespace, ingress } = values;
  if (namespace === undefined || ingress === undefined) throw new Error("--namespace and --ingress are required.");
  const url = `${ingress}/webhooks/stripe`;
  const secret = await signingSecret();
  await addSecret(secret, namespace);
  say(`The secret of stripe listen is in the Secret ${secretName}. Waiting until ingress accepts it, about a minute.`);
  await untilAccepted(secret, url);
  say("ingress accepts it.");
  const listening = spawn("stripe", ["listen", "--forward-to", url], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => listening.kill(signal));
  const [code] = await once(listening, "close");
  process.exitCode = code ?? 0;
} catch (error) {
  process.stderr.write(`${error.code === "ENOENT" ? `${error.path} is not installed.` : error.message}\n`);
  process.exitCode = 1;
}
