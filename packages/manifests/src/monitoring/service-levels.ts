import type { Alert, Rule } from "./alert.ts";
import { inNamespace } from "./namespace-selectors.ts";

/** A service level objective: which share of events must be good, and how bad ones are counted. */
type ServiceLevel = {
  /** As it appears in the names of recorded series. */
  readonly name: string;
  readonly alert: string;
  /** The share that must be good. */
  readonly objective: number;
  /** Per-installation counts of the bad and of all, by a function of Prometheus (`rate`, `increase`), over a window. */
  readonly bad: (by: Counting, window: string) => string;
  readonly all: (by: Counting, window: string) => string;
  readonly severity: Alert["severity"];
  /** What the bad events have in common: the beginning of a sentence. */
  readonly what: string;
  /** What to check first. */
  readonly firstStep: string;
};

type Counting = "rate" | "increase";

export const serviceLevels: readonly ServiceLevel[] = [
  {
    name: "acceptance",
    alert: "TakingsAcceptanceBudgetBurn",
    objective: 0.999,
    bad: (by, window) => requests(by, "overloaded|unavailable|failed", window),
    all: (by, window) => requests(by, "stored|duplicate|overloaded|unavailable|failed", window),
    severity: "page",
    what: "Too many authentic webhooks are answered with 5xx",
    firstStep:
      "Stripe retries them for three days. Read the reason in the log line event_not_stored of ingress.",
  },
  {
    name: "freshness",
    alert: "TakingsFreshnessBudgetBurn",
    objective: 0.99,
    ...slowerThan("takings_event_freshness_seconds", 60),
    severity: "page",
    what: "Too many events reach the ledger more than 60 s after Stripe created them",
    firstStep:
      "Check whether events wait on the stream (consumer too slow) or arrived late (deliveries " +
      "failed before).",
  },
  {
    name: "latency",
    alert: "TakingsLatencyBudgetBurn",
    objective: 0.99,
    ...slowerThan("takings_webhook_duration_seconds", 1),
    // Slow is not lost: Stripe waits longer than a second.
    severity: "ticket",
    what: "Too many webhooks are answered after more than 1 s",
    firstStep: "Check the CPU of ingress and the disk of NATS: each response waits for an fsync.",
  },
];

/**
 * Two windows each, so that an alert both starts and ends soon: SRE workbook, chapter 5, "Multiwindow, multi-burn-rate
 * alerts", https://sre.google/workbook/alerting-on-slos/. At the pace of `factor` the budget of 30 days lasts 30 / factor days.
 */
const fastBurns = [
  { long: "1h", short: "5m", factor: 14.4 },
  { long: "6h", short: "30m", factor: 6 },
] as const;
const slowBurn = { long: "3d", short: "6h", factor: 1 } as const;
const windows = ["5m", "30m", "1h", "6h", "3d"] as const;

/** Fewer bad events in the long window do not alert: with little traffic one failure is a large share. */
const minEvents = 5;

/** The share of bad events in each window, as series of their own. */
export function recordedShares(namespace: string): readonly Rule[] {
  return serviceLevels.flatMap((level) =>
    windows.map((window) => ({
      record: shareOf(level, window),
      expr: inNamespace(`${level.bad("rate", window)}\n/\n${level.all("rate", window)}`, namespace),
    })),
  );
}

export const serviceLevelAlerts: readonly Alert[] = serviceLevels.flatMap((level) => [
  {
    name: level.alert,
    severity: level.severity,
    for: "2m",
    expr: fastBurns.map((burn) => burning(level, burn)).join("\nor\n"),
    summary: `${level.what}: at this rate the 30-day error budget is used up within 5 days.`,
    description: `The rate was exceeded over 1 h and 5 min, or over 6 h and 30 min. ${level.firstStep}`,
  },
  {
    name: `${level.alert}Slow`,
    severity: "ticket" as const,
    for: "1h",
    expr: burning(level, slowBurn),
    summary: `${level.what}: at this rate the 30-day error budget is used up before its end.`,
    description: `The rate was exceeded over 3 days and over 6 h. ${level.firstStep}`,
  },
]);

/** The name of the series in which the share of bad events in a window is recorded. */
export function shareOf({ name }: Pick<ServiceLevel, "name">, window: (typeof windows)[number]): string {
  return `takings:${name}_bad:ratio_rate${window}`;
}

function burning(
  level: ServiceLevel,
  { long, short, factor }: (typeof fastBurns)[number] | typeof slowBurn,
): string {
  const bound = Number((factor * (1 - level.objective)).toPrecision(6));
  return [
    `(`,
    `  ${shareOf(level, long)} > ${bound}`,
    `  and ${shareOf(level, short)} > ${bound}`,
    `  and ${level.bad("increase", long)} >= ${minEvents}`,
    `)`,
  ].join("\n");
}

function requests(by: Counting, outcomes: string, window: string): string {
  return `sum by (namespace) (${by}(takings_webhook_requests_total{outcome=~"${outcomes}"}[${window}]))`;
}

function slowerThan(histogram: string, seconds: number): Pick<ServiceLevel, "bad" | "all"> {
  const all = (by: Counting, window: string): string =>
    `sum by (namespace) (${by}(${histogram}_count[${window}]))`;
  // Prometheus 3 writes every boundary as a float, earlier ones as it was scraped.
  const good = (by: Counting, window: string): string =>
    `sum by (namespace) (${by}(${histogram}_bucket{le=~"${seconds}|${seconds}.0"}[${window}]))`;
  return { all, bad: (by, window) => `(${all(by, window)} - ${good(by, window)})` };
}
