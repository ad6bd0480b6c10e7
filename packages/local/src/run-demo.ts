import { setTimeout as delay } from "node:timers/promises";
import type { DemoAccess } from "./demo-access.ts";
import type { Progress } from "./progress-line.ts";
import { seededRandom } from "./random.ts";
import { readRevenue, type Revenue } from "./read-revenue.ts";
import { revenueTable } from "./revenue-table.ts";
import { difference, mismatches, type Totals } from "./revenue-totals.ts";
import { sendTraffic, type SendResult } from "./send-traffic.ts";
import { generateTraffic, type TrafficEvent } from "./traffic.ts";

/** What a demo run depends on. */
export interface DemoSettings extends DemoAccess {
  readonly events: number;
  readonly seed: number;
  readonly run: string;
  readonly progress: Progress;
  readonly say: (line: string) => void;
}

const concurrency = 32;
/** Patience with a ledger that does not move any more. */
const stallTimeoutMs = 30_000;
const waitLogIntervalMs = 5_000;

/** Sends traffic, waits until the ledger has it, and shows and checks the outcome. True when all is exact. */
export async function runDemo(settings: DemoSettings): Promise<boolean> {
  const { say, seed, events: count, run } = settings;
  say(`Generating ${count} events (seed ${seed}), a fifth of them sent twice, in shuffled order.`);
  const traffic = generateTraffic({ events: count, seed, run, now: Math.floor(Date.now() / 1000) });
  const deliveries = withDuplicates(traffic.events, seed);
  const before = await readRevenue(settings.revenueUrl, settings.token);
  const result = await send(settings, deliveries);
  const { revenue, counted } = await waitUntilCounted(settings, before, traffic.expected);
  say(`\nRevenue of this run:\n${revenueTable(counted, revenue.exponents)}\n`);
  const wrong = mismatches(counted, traffic.expected);
  say(`sent          ${deliveries.length} deliveries of ${traffic.events.length} events`);
  say(
    `accepted      ${result.accepted} (${result.duplicates} known to the broker, ${result.retries} sent again)`,
  );
  say(`counted once  ${verdict(wrong, traffic.expected)}`);
  if (wrong.length > 0) say(`\nExpected:\n${revenueTable(traffic.expected, revenue.exponents)}`);
  return wrong.length === 0 && result.accepted === deliveries.length;
}

function verdict(wrong: readonly string[], expected: Totals): string {
  if (wrong.length > 0) return `no: ${wrong.join(", ")} not as expected`;
  return `yes: ${paymentsIn(expected)} payments in ${expected.size} currencies, exact to the smallest unit`;
}

function paymentsIn(totals: Totals): number {
  return [...totals.values()].reduce((sum, { payments }) => sum + payments, 0);
}

function withDuplicates(events: readonly TrafficEvent[], seed: number): TrafficEvent[] {
  const random = seededRandom(seed + 1);
  const again = random.shuffle(events).slice(0, Math.floor(events.length / 5));
  return random.shuffle([...events, ...again]);
}

async function send(settings: DemoSettings, deliveries: readonly TrafficEvent[]): Promise<SendResult> {
  const { progress, ingressUrl: url, readinessUrl, secret } = settings;
  const began = Date.now();
  const show = ({ accepted }: SendResult): void => {
    const perSecond = Math.round((accepted * 1000) / Math.max(1, Date.now() - began));
    progress.show(`Sending: ${accepted} of ${deliveries.length} accepted, ${perSecond} a second`);
  };
  try {
    return await sendTraffic({ url, readinessUrl, secret, concurrency, progress: show }, deliveries);
  } finally {
    progress.end();
  }
}

interface Counted {
  readonly revenue: Revenue;
  /** What this run added. */
  readonly counted: Totals;
}

async function waitUntilCounted(settings: DemoSettings, before: Revenue, expected: Totals): Promise<Counted> {
  let movedAt = Date.now();
  let reportedAt = movedAt;
  let last = "";
  for (;;) {
    const revenue = await readRevenue(settings.revenueUrl, settings.token, true);
    const counted = difference(revenue.totals, before.totals);
    if (mismatches(counted, expected).length === 0) return { revenue, counted };
    const state = JSON.stringify([...counted], (_, value) =>
      typeof value === "bigint" ? String(value) : value,
    );
    if (state !== last) movedAt = Date.now();
    last = state;
    if (Date.now() - movedAt > stallTimeoutMs) return { revenue, counted };
    if (Date.now() - reportedAt > waitLogIntervalMs) {
      settings.say(
        `Waiting for the ledger: ${paymentsIn(counted)} of ${paymentsIn(expected)} payments are counted`,
      );
      reportedAt = Date.now();
    }
    await delay(100);
  }
}
