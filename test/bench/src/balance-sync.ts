import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type BalanceLife, createBalanceLife, createRandom } from "@takings/simulator";
import { eventually, nodeCommand } from "@takings/testkit";
import { differencesFromLife } from "./balance-differences.ts";
import type { Measurement } from "./statistics.ts";
import { service, startTemporaryStack, type TemporaryStack } from "./temporary-stack.ts";

export type BalanceSyncBenchOptions = {
  readonly transactions: number;
  readonly days: number;
  /** How often the sync is killed before it may finish. */
  readonly kills: number;
  /** Milliseconds before each answer of the fake of Stripe. */
  readonly latency: number;
  readonly say: (line: string) => void;
};

const from = "2025-01-01T00:00:00Z";
const requestsPerSecond = 25;
const fakeMain = fileURLToPath(new URL("../../simulator/src/balance/fake-main.ts", import.meta.url));
const takings = fileURLToPath(new URL("../../../packages/cli/src/main.ts", import.meta.url));
const apiKey = "rk_test_secret0fake";
/** A killed round lives for up to this long, in milliseconds. */
const maxLife = 12_000;

/** The requests of an endpoint, as the fake of Stripe counted them. */
type Rates = Readonly<Record<string, { readonly requests: number; readonly peak: number }>>;

/**
 * Measures how long a first load takes, compared with what the rate limit of Stripe allows, and compares what is stored with
 * what was listed.
 * @throws Error when anything differs, or more than 25 requests arrived in a second.
 */
export async function benchBalanceSync(options: BalanceSyncBenchOptions): Promise<readonly Measurement[]> {
  const { kills, say } = options;
  const life = createBalanceLife({ seed: 1, from: Date.parse(from) / 1_000, ...options });
  await using stack = await startTemporaryStack([service("consumer")]);
  await using started = new AsyncDisposableStack();
  const { process: stripe, url } = await startFake(options);
  started.defer(() => void stripe.kill());
  const random = createRandom(1);
  for (let n = 1; n <= kills; n += 1) {
    const sync = startSync(stack, url);
    const ended = once(sync, "exit");
    await Promise.race([delay(random.int(1, maxLife)), ended]);
    sync.kill("SIGKILL");
    await ended;
    say(`killed ${n} of ${kills}`);
  }
  const before = await ratesOf(stripe);
  const beganAt = performance.now();
  const [code] = await once(startSync(stack, url), "exit");
  const seconds = (performance.now() - beganAt) / 1_000;
  if (code !== 0) throw new Error(`takings balance sync ended with ${String(code)}`);
  const after = await ratesOf(stripe);
  await requireSame(stack, life, say);
  for (const [endpoint, { peak }] of Object.entries(after))
    if (peak > requestsPerSecond) throw new Error(`${peak} requests in a second to ${endpoint}`);
  const requests = requestsOf(after) - requestsOf(before);
  return [
    { name: "balance_sync_seconds", value: seconds, unit: "s" },
    { name: "balance_sync_requests", value: requests, unit: "requests" },
    { name: "balance_sync_vs_limit", value: seconds / (requests / requestsPerSecond), unit: "ratio" },
  ];
}

/** The requests to the endpoint that is asked most. */
function requestsOf(rates: Rates): number {
  return rates["/v1/balance_transactions"]?.requests ?? 0;
}

async function startFake({
  transactions,
  days,
  latency,
}: BalanceSyncBenchOptions): Promise<{ readonly process: ChildProcess; readonly url: string }> {
  const args = Object.entries({ transactions, days, latency, from, seed: 1, key: apiKey }).flatMap(
    ([name, value]) => [`--${name}`, String(value)],
  );
  const stripe = fork(fakeMain, args, { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  const [line] = (await once(stripe.stdout ?? stripe, "data")) as [Buffer];
  const { url } = JSON.parse(line.toString()) as { readonly url: string };
  return { process: stripe, url };
}

async function ratesOf(stripe: ChildProcess): Promise<Rates> {
  const answer = once(stripe, "message");
  stripe.send("report");
  const [rates] = (await answer) as [Rates];
  return rates;
}

function startSync(stack: TemporaryStack, url: string): ChildProcess {
  const { command, args, env } = nodeCommand([takings, "balance", "sync"], {
    DATABASE_URL: stack.component("postgres").url,
    NATS_URL: stack.component("nats").url,
    STRIPE_API_URL: url,
    STRIPE_API_KEY: apiKey,
  });
  return spawn(command, args, { env, stdio: ["ignore", "ignore", "inherit"] });
}

async function requireSame(
  stack: TemporaryStack,
  life: BalanceLife,
  say: (line: string) => void,
): Promise<void> {
  // Readings of killed rounds may still be on the stream.
  const url = stack.component("postgres").url;
  let differences: readonly string[] = [];
  await eventually("the tables to have what Stripe lists", async () => {
    differences = await differencesFromLife(url, life);
    return differences.length === 0;
  }).catch((cause: unknown) => {
    throw new Error(`the tables differ from what Stripe lists: ${differences.join("; ")}`, { cause });
  });
  say("the tables have exactly what Stripe lists");
}
