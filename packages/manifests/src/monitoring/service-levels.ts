import type { Alert, Rule } from "./alert.ts";

/** A promise about a share of events, and how to see which of them broke it. */
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
  readonly what: string;
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
    what: "authentic webhooks are answered with 5xx",
  },
  {
    name: "freshness",
    alert: "TakingsFreshnessBudgetBurn",
    objective: 0.99,
    ...slowerThan("takings_event_freshness_seconds", 60),
    severity: "page",
    what: "events reach the ledger more than 60 s after Stripe made them",
  },
  {
    name: "latency",
    alert: "TakingsLatencyBudgetBurn",
    objective: 0.99,
    ...slowerThan("takings_webhook_duration_seconds", 1),
    // Slow is not lost: Stripe waits longer than a second.
    severity: "ticket",
    what: "webhooks are answered after more than a second",
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

/** Fewer bad events than this in the long window tell nobody: one failure at night is a large share of little traffic. */
const minEvents = 5;

/** The share of bad events in each window, as series of their own. */
export function recordedShares(): readonly Rule[] {
  return serviceLevels.flatMap((level) =>
    windows.map((window) => ({
      record: shareOf(level, window),
      expr: `${level.bad("rate", window)}\n/\n${level.all("rate", window)}`,
    })),
  );
}

export const serviceLevelAlerts: readonly Alert[] = serviceLevels.flatMap((level) => [
  {
    name: level.alert,
    severity: level.severity,
    for: "2m",
    expr: fastBurns.map((burn) => burning(level, burn)).join("\nor\n"),
    summary: `So many ${level.what} that the error budget of a month is gone within days.`,
  },
  {
    name: `${level.alert}Slow`,
    severity: "ticket" as const,
    for: "1h",
    expr: burning(level, slowBurn),
    summary: `So many ${level.what} that the error budget of a month will not last it.`,
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
