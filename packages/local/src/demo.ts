import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { demoAccess } from "./demo-access.ts";
import { findOrStartStack, externalStack } from "./demo-stack.ts";
import { demoPage, pageInvitation } from "./page-address.ts";
import { progressLine } from "./progress-line.ts";
import { runDemo } from "./run-demo.ts";
import { variable } from "./env.ts";
import { revenueUrl, webhookUrl } from "./network/http-address.ts";
import { proxyExemption } from "./network/proxy-exemption.ts";
import { explain, LocalFailure } from "./failure.ts";

const options = new Command("pnpm demo")
  .description(
    "Sends signed, realistic traffic through ingress and checks that every event was counted once.",
  )
  .option(
    "--events <number>",
    "how many different events; about a fifth of them is sent again",
    eventCount,
    1000,
  )
  .option("--seed <number>", "seed of the traffic; the same seed gives the same amounts", wholeNumber)
  .option(
    "--ingress <url>",
    "send to this address, of a stack that runs elsewhere; with --revenue",
    ingressAddress,
  )
  .option("--revenue <url>", "read the revenue from this address", revenueAddress)
  .option("--keep", "let a stack that was started for the demo run until Ctrl-C; the default on a terminal")
  .option("--no-keep", "stop it at the end")
  .parse()
  .opts<{ events: number; seed?: number; ingress?: string; revenue?: string; keep?: boolean }>();

// Also for all processes started from here: requests to this machine never go through a proxy.
Object.assign(process.env, proxyExemption(process.env));
const { env } = process;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

try {
  const { ingress, revenue } = options;
  if ((ingress === undefined) !== (revenue === undefined))
    throw new LocalFailure("--ingress and --revenue go together: give both or neither.");
  const stack =
    ingress !== undefined && revenue !== undefined
      ? externalStack(ingress, revenue, env)
      : await findOrStartStack(resolve(variable(env, "TAKINGS_DIR") ?? ".takings"), env, say);
  try {
    const seed = options.seed ?? randomBytes(4).readUInt32LE();
    const access = demoAccess(stack.components, stack.env);
    const good = await runDemo({
      ...access,
      events: options.events,
      seed,
      run: randomBytes(6).toString("hex"),
      progress: progressLine(process.stdout),
      say,
    });
    process.exitCode = good ? 0 : 1;
    const isKept = options.keep ?? (process.stdin.isTTY && process.stdout.isTTY);
    if (!stack.isOwn || isKept)
      say(`\n${pageInvitation(demoPage(access.revenueUrl, new Date()), access.token !== undefined)}`);
    if (stack.isOwn && isKept) {
      say("It is there until Ctrl-C; then everything that the demo started is removed.");
      // A signal stops the stack and ends this process.
      await new Promise<never>(() => undefined);
    }
  } finally {
    await stack.release();
  }
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}
// A stack started here leaves signal listeners behind, which would keep the process alive.
process.exit();

function ingressAddress(text: string): string {
  return webhookUrl(text) ?? invalidAddress("http://127.0.0.1:8080");
}

function revenueAddress(text: string): string {
  return revenueUrl(text) ?? invalidAddress("http://127.0.0.1:8081");
}

function invalidAddress(example: string): never {
  throw new InvalidArgumentError(`It must be an address such as ${example}.`);
}

// All events are kept in memory.
function eventCount(text: string): number {
  const count = wholeNumber(text);
  if (count > 1_000_000) throw new InvalidArgumentError("At most 1000000.");
  return count;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError("A whole number is needed.");
  return value;
}
