// kubectl for an installation that runs on this machine. FAKE_CLUSTER is a folder with the Secrets as NAME.json
// and a log of the arguments; FAKE_TAKINGS_DIR is the folder of the installation; STRIPE_WEBHOOK_SECRETS_FILE
// stands for the mounted Secret of ingress.
import { spawnSync } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const { FAKE_CLUSTER: cluster, STRIPE_WEBHOOK_SECRETS_FILE: mounted } = process.env;
const args = process.argv.slice(2);
appendFileSync(join(cluster, "kubectl.log"), `${args.join(" ")}\n`);
const flags = { "--namespace": undefined, "--output": undefined, "--filename": undefined };
const words = [];
const command = args.indexOf("--");
const own = command === -1 ? args : args.slice(0, command);
for (let index = 0; index < own.length; index += 1)
  if (own[index] in flags) flags[own[index]] = own[++index];
  else words.push(own[index]);
if (flags["--namespace"] !== "takings") fail(`wrong namespace: ${flags["--namespace"]}`);

const [verb, kind, name] = words;
if (verb === "get" && kind === "secret") get(readFileSync(join(cluster, `${name}.json`), "utf8"));
else if (verb === "replace" && flags["--filename"] === "-") replace(readFileSync(0, "utf8"));
else if (verb === "exec" && kind === "deployment/takings-toolbox") exec(args.slice(command + 1));
else fail(`unknown command: ${args.join(" ")}`);

function get(object) {
  const [, key] = /^jsonpath=\{\.data\.(\w+)\}$/.exec(flags["--output"]) ?? [];
  process.stdout.write(key === undefined ? object : JSON.parse(object).data[key]);
}

function replace(text) {
  const { metadata, data } = JSON.parse(text);
  writeFileSync(join(cluster, `${metadata.name}.json`), text);
  writeFileSync(mounted, Buffer.from(data.STRIPE_WEBHOOK_SECRETS, "base64"));
}

function exec([program, ...rest]) {
  if (program !== "takings") fail(`not found in the image: ${program}`);
  const env = { ...process.env, TAKINGS_DIR: process.env.FAKE_TAKINGS_DIR };
  const { status } = spawnSync(process.execPath, ["packages/local/src/takings.ts", ...rest], {
    stdio: "inherit",
    env,
  });
  process.exitCode = status;
}

function fail(message) {
  process.stderr.write(`kubectl: ${message}\n`);
  process.exit(1);
}
