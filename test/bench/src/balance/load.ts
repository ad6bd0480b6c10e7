import { setTimeout as pause } from "node:timers/promises";
import { services } from "@takings/local";
import {
  type BalanceLife,
  compareBalance,
  createBalanceClient,
  createBalanceLife,
  createRandom,
} from "@takings/simulator";
import type { Measurement } from "../statistics.ts";
import { startTemporaryStack } from "../temporary-stack.ts";
import { startStripeProcess, type StripeProcess } from "./stripe-process.ts";
import { type CommandTarget, runTakings } from "./takings-process.ts";
import { tieOutMutations } from "./tie-out.ts";

/** What to load and to compare. */
export type BalanceLoadOptions = {
  readonly transactions: number;
  readonly days: number;
  /** Random ranges that are compared. */
  readonly ranges: number;
  /** How often a sync is killed with SIGKILL before one may finish. */
  readonly kills: number;
  /** Milliseconds before each answer of Stripe. */
  readonly latency: number;
  /** How many changed reports are held against the ledger. */
  readonly mutations: number;
  readonly seed: number;
  readonly say: (line: string) => void;
};

const key = "rk_test_secret0fake";
const from = Date.UTC(2025, 0, 1) / 1_000;
const dayLength = 86_400;
const sync = ["balance", "sync"];
/** https://docs.stripe.com/rate-limits */
const requestsPerSecond = 25;

/**
 * Loads a generated history with `takings balance sync` from a fake of Stripe that is a process of its own, and compares
 * all answers with an independent arithmetic. @throws Error when an answer differs, or an endpoint was asked too often.
 */
export async function benchBalanceLoad(options: BalanceLoadOptions): Promise<readonly Measurement[]> {
  const { seed, days, transactions, latency, ranges, say } = options;
  const life = createBalanceLife({ seed, from, days, transactions });
  // Everything has arrived, has been reconciled, and may have failed by then.
  const at = life.to + 30 * dayLength;
  await using stripe = await startStripeProcess({ seed, from, days, transactions, key, latency, now: at });
  await using stack = await startTemporaryStack(services, { RATE_LIMIT_PER_MINUTE: "0" });
  const target = { dir: stack.dir, stripeUrl: stripe.url, key };
  const kills = await killSyncs(target, stripe, life, options);
  stripe.setTime(at);
  say(`loading ${transactions} transactions of ${days} days`);
  const progress = setInterval(
    () => void stripe.report().then((report) => say(JSON.stringify(report))),
    30_000,
  );
  const before = await stripe.report();
  // After kills a round may have ended with a younger beginning; from the beginning, all is read again.
  const { status, errors, ms } = await runTakings(target, [
    ...sync,
    ...(options.kills > 0 ? ["--from", new Date(from * 1_000).toISOString()] : []),
  ]);
  clearInterval(progress);
  if (status !== 0) throw new Error(`takings balance sync ended with ${status}:\n${errors.slice(-2_000)}`);
  const report = await stripe.report();
  const requests = requestsOf(report) - requestsOf(before);
  say(`loaded in ${(ms / 1_000).toFixed(1)} s with ${requests} requests: ${JSON.stringify(report)}`);
  const client = createBalanceClient(stack.component("revenue_query").url);
  const differences = await compareBalance(client, {
    life,
    livemode: false,
    at,
    ranges,
    seed: seed + 1,
    say,
  });
  if (differences.count() > 0) throw new Error(`${differences.count()} differences:\n${differences.text()}`);
  for (const [endpoint, { peak }] of Object.entries(report))
    if (peak > requestsPerSecond) throw new Error(`${peak} requests in a second to ${endpoint}`);
  const named =
    options.mutations > 0 ? await tieOutMutations(target, life, transactions, { ...options, at }) : 0;
  const peaks = Object.values(report).map(({ peak }) => peak);
  return [
    ...kills,
    { name: "balance_transactions", value: transactions, unit: "generated" },
    { name: "balance_load_seconds", value: ms / 1_000, unit: "s" },
    { name: "balance_load_requests", value: requests, unit: "requests" },
    { name: "balance_load_vs_limit", value: ms / 1_000 / secondsAtLimit(before, report), unit: "ratio" },
    { name: "balance_requests_peak", value: Math.max(...peaks), unit: "in a second" },
    {
      name: "balance_requests_refused",
      value: sum(Object.values(report).map(({ refused }) => refused)),
      unit: "429",
    },
    { name: "balance_comparisons", value: differences.comparisons(), unit: "equal" },
    { name: "balance_report_changes", value: named, unit: "named" },
  ];
}

type Report = Awaited<ReturnType<StripeProcess["report"]>>;

function requestsOf(report: Report): number {
  return sum(Object.values(report).map(({ requests }) => requests));
}

/** The least time that the limit allows for the endpoint that got the most requests in between. */
function secondsAtLimit(before: Report, after: Report): number {
  const counts = Object.entries(after).map(
    ([endpoint, { requests }]) => requests - (before[endpoint]?.requests ?? 0),
  );
  return Math.max(...counts) / requestsPerSecond;
}

/**
 * Kills syncs at random requests: first those of the load of half of the history, then those of rounds while Stripe's time
 * goes on, so that there is always something to read.
 */
async function killSyncs(
  target: CommandTarget,
  stripe: StripeProcess,
  life: BalanceLife,
  { kills, seed, say }: BalanceLoadOptions,
): Promise<Measurement[]> {
  if (kills === 0) return [];
  const random = createRandom(seed);
  let [killed, finished, longest] = [0, 0, 60];
  while (killed < kills) {
    stripe.setTime(life.from + Math.ceil((life.to - life.from) * (0.5 + finished / (2 * kills))));
    const before = requestsOf(await stripe.report());
    // Also between two requests: while events are published, committed and waited for.
    const killWhen = stripe.afterRequests(random.int(1, longest)).then(() => pause(random.int(0, 400)));
    const { status, errors } = await runTakings(target, sync, killWhen);
    if (status === null) killed += 1;
    else if (status === 0) finished += 1;
    else throw new Error(`takings balance sync ended with ${status}:\n${errors.slice(-2_000)}`);
    if (status === 0) longest = Math.max(5, requestsOf(await stripe.report()) - before);
    if ((killed + finished) % 10 === 0) say(`killed ${killed} times, finished ${finished} times`);
  }
  return [
    { name: "balance_kills", value: killed, unit: "SIGKILL" },
    { name: "balance_finished_between_kills", value: finished, unit: "rounds" },
  ];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
