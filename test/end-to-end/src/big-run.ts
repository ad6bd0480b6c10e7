import { untilRecorded } from "./until-recorded.ts";
import { parseArgs } from "node:util";
import {
  createRandom,
  createRevenueClient,
  deliverEvents,
  deliveriesOf,
  type DeliveryCounts,
  type DeliveryReport,
  generateHistories,
  platformAccount,
  type RevenueClient,
  type StripeEvent,
} from "@takings/simulator";
import { compareEverything } from "./compare-everything.ts";
import { compareLines, type Comparison, differencesIn } from "./comparisons.ts";
import { expectedStateOf, type ExpectedState } from "./expected-state.ts";
import { type LocalStack, startLocalStack } from "./local-stack.ts";

// A long test, run by hand: histories of many payments go through two new stacks, in two orders and with different
// duplicates, and everything that can be read afterwards is compared with the reference implementation.

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "50000" },
    seed: { type: "string", default: "1" },
    concurrency: { type: "string", default: "64" },
    sample: { type: "string", default: "2000" },
  },
});
const [count, seed] = [wholeNumber("events", values.events), wholeNumber("seed", values.seed)];
const concurrency = wholeNumber("concurrency", values.concurrency);
const sample = wholeNumber("sample", values.sample);

const { events, deliveries } = generateHistories(seed, count);
const expectedState = expectedStateOf(
  events.map(({ body }) => body),
  platformAccount,
);
say(`${events.length} events, ${expectedState.entries.length} ledger entries expected, seed ${seed}`);

const first = await passThrough("first order", deliveries, expectedState);
const second = await passThrough("second order", deliveriesOf(events, createRandom(seed + 1)), expectedState);
const same = compareLines("same entries, ids included, in both orders", first.ledger, second.ledger);
say(row("both orders", same));
const comparisons = [...first.comparisons, ...second.comparisons, same];
const failed = comparisons.filter(({ differences }) => differences.length > 0);
if (failed.length > 0) say(`\n${differencesIn(failed)}`);
say(`\n${comparisons.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;

async function passThrough(
  name: string,
  sent: readonly StripeEvent[],
  expected: ExpectedState,
): Promise<{ readonly comparisons: readonly Comparison[]; readonly ledger: readonly string[] }> {
  const stack = await startLocalStack(process.env, { STRIPE_ACCOUNT_ID: platformAccount });
  try {
    const report = await send(name, stack, sent);
    const reader = createRevenueClient(stack.revenueUrl);
    const sentAt = performance.now();
    await untilRecorded(reader, new Set(expected.events.keys()), 600_000);
    say(`${name}: all recorded ${seconds(performance.now() - sentAt)} s after the last answer`);
    const accepted: Comparison = {
      what: "deliveries accepted",
      compared: sent.length,
      differences: report.refused.map(
        ({ event, response }) => `${event.id}: ${response.status} ${response.body}`,
      ),
    };
    const compared = [accepted, ...(await compareEverything(reader, expected, sample))];
    for (const comparison of compared) say(row(name, comparison));
    const comparisons = compared.map((comparison) => ({
      ...comparison,
      what: `${name}, ${comparison.what}`,
    }));
    return { comparisons, ledger: await readWholeLedger(reader) };
  } finally {
    await stack.stop();
  }
}

/** Every entry as a line, without the time of its recording. */
async function readWholeLedger(reader: RevenueClient): Promise<string[]> {
  const live = await reader.ledger({ livemode: true, account: "*" });
  const test = await reader.ledger({ livemode: false, account: "*" });
  return [...live, ...test].map((entry) => JSON.stringify({ ...entry, recorded_at: undefined }));
}

async function send(name: string, stack: LocalStack, sent: readonly StripeEvent[]): Promise<DeliveryReport> {
  const progress = ({ accepted }: DeliveryCounts): void => {
    if (accepted % 10_000 === 0) say(`${name}: ${accepted} of ${sent.length} deliveries accepted`);
  };
  const { ingressUrl: url, secret } = stack;
  const report = await deliverEvents(sent, { url, secret, concurrency, progress, retryForMs: 300_000 });
  const rate = Math.round((1000 * sent.length) / report.elapsedMs);
  say(
    `${name}: ${sent.length} deliveries in ${seconds(report.elapsedMs)} s (${rate}/s), ${report.retries} retries`,
  );
  return report;
}

function row(name: string, { what, compared, differences }: Comparison): string {
  return `${name.padEnd(14)}${what.padEnd(44)}${String(compared).padStart(8)}  ${differences.length === 0 ? "right" : `${differences.length} WRONG`}`;
}

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`--${name} is "${text}": give it a whole number`);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
