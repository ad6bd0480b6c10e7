import { setTimeout as delay } from "node:timers/promises";
import {
  createRandom,
  createRevenueClient,
  deliverEvents,
  deliveriesOf,
  type DeliveryCounts,
  type DeliveryReport,
  difference,
  generateShopTraffic,
  mismatches,
  type Refusal,
  type StripeEvent,
  type Totals,
} from "@takings/simulator";
import type { DemoAccess } from "./demo-access.ts";
import { LocalFailure } from "./failure.ts";
import { probeFailure } from "./network/http-probe.ts";
import type { Progress } from "./progress-line.ts";
import { type ReadRevenue, readRevenue, type Revenue } from "./read-revenue.ts";
import { revenueTable } from "./revenue-table.ts";

/** What a demo run depends on. */
export interface DemoSettings extends DemoAccess {
  readonly events: number;
  readonly seed: number;
  readonly run: string;
  readonly progress: Progress;
  readonly say: (line: string) => void;
}

const concurrency = 32;
const retryForMs = 120_000;
/** How long the ledger may stay unchanged before the demo stops waiting. */
const stallTimeoutMs = 30_000;
const waitLogIntervalMs = 5_000;

/**
 * Sends traffic, waits until the ledger has it, and shows and checks the result. True when all totals are exact.
 * @throws LocalFailure where an event is not accepted, or revenue-query does not respond.
 */
export async function runDemo(settings: DemoSettings): Promise<boolean> {
  const { say, seed, events: count, run } = settings;
  say(`Generating ${count} events (seed ${seed}), about a fifth of them sent again, in shuffled order.`);
  const traffic = generateShopTraffic({ events: count, seed, run, now: Math.floor(Date.now() / 1000) });
  const deliveries = deliveriesOf(traffic.events, createRandom(seed + 1));
  const client = createRevenueClient(settings.revenueUrl, { token: settings.token, timeoutMs: 10_000 });
  const read: ReadRevenue = (hasResponded) => readRevenue(client, settings.revenueUrl, hasResponded);
  const before = await read(false);
  const report = await send(settings, deliveries);
  const { revenue, counted } = await waitUntilCounted(settings, read, before, traffic.expected);
  say(`\nRevenue of this run:\n${revenueTable(counted, revenue.exponents)}\n`);
  const wrong = mismatches(counted, traffic.expected);
  say(`sent          ${deliveries.length} deliveries of ${traffic.events.length} events`);
  say(
    `accepted      ${report.accepted} (${report.duplicates} known to the broker, ${report.retries} sent again)`,
  );
  say(`counted once  ${verdict(wrong, traffic.expected)}`);
  if (wrong.length > 0) say(`\nExpected:\n${revenueTable(traffic.expected, revenue.exponents)}`);
  return wrong.length === 0 && report.accepted === deliveries.length;
}

function verdict(wrong: readonly string[], expected: Totals): string {
  if (wrong.length > 0) return `no: ${wrong.join(", ")} not as expected`;
  return `yes: ${paymentsIn(expected)} payments in ${expected.size} currencies, exact to the smallest unit`;
}

function paymentsIn(totals: Totals): number {
  return [...totals.values()].reduce((sum, { payments }) => sum + payments, 0);
}

async function send(settings: DemoSettings, deliveries: readonly StripeEvent[]): Promise<DeliveryReport> {
  const { progress, ingressUrl: url, secret } = settings;
  const began = performance.now();
  const show = ({ accepted }: DeliveryCounts): void => {
    const perSecond = Math.round((accepted * 1000) / Math.max(1, performance.now() - began));
    progress.show(`Sending: ${accepted} of ${deliveries.length} accepted, ${perSecond} a second`);
  };
  const delivery = { url, secret, concurrency, retryForMs, stopAtRefusal: true, progress: show };
  const report = await deliverEvents(deliveries, delivery).finally(() => progress.end());
  const [refusal] = report.refused;
  if (refusal !== undefined) throw await notAccepted(settings, refusal);
  return report;
}

/** What to do about an event that was not accepted. */
async function notAccepted(
  { ingressUrl, readinessUrl }: DemoSettings,
  { event, response: { status, body, error } }: Refusal,
): Promise<LocalFailure> {
  const what = `${event.type} ${event.id}`;
  if (status === 400)
    return new LocalFailure(
      `${ingressUrl} refused ${what}: ${status} ${body}. If it is the signature, set STRIPE_WEBHOOK_SECRETS as for pnpm start.`,
    );
  const unready = readinessUrl === undefined ? undefined : await probeFailure(readinessUrl);
  const why = unready === undefined ? "" : ` Ingress is not ready: ${unready}`;
  return new LocalFailure(
    `${ingressUrl} did not accept ${what}; last response: ${error ?? `${status} ${body}`}.${why}`,
  );
}

interface Counted {
  readonly revenue: Revenue;
  /** What this run added. */
  readonly counted: Totals;
}

async function waitUntilCounted(
  { say }: DemoSettings,
  read: ReadRevenue,
  before: Revenue,
  expected: Totals,
): Promise<Counted> {
  let movedAt = performance.now();
  let reportedAt = movedAt;
  let last: Totals = new Map();
  for (;;) {
    const revenue = await read(true);
    const counted = difference(revenue.totals, before.totals);
    if (mismatches(counted, expected).length === 0) return { revenue, counted };
    if (mismatches(counted, last).length > 0) movedAt = performance.now();
    last = counted;
    if (performance.now() - movedAt > stallTimeoutMs) return { revenue, counted };
    if (performance.now() - reportedAt > waitLogIntervalMs) {
      say(`Waiting for the ledger: ${paymentsIn(counted)} of ${paymentsIn(expected)} payments are counted`);
      reportedAt = performance.now();
    }
    await delay(100);
  }
}
