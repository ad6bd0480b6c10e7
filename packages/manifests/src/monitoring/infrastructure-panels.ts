import { tableSizes } from "./dashboard-sql.ts";
import { type Panels, table, timeseries } from "./panels.ts";
import { rate } from "./promql.ts";
import { range, sql } from "./queries.ts";

// What the services stand on, and what they take of it.

const largest = (gauge: string): string => `max(${gauge}{namespace=~"$namespace"})`;
/** Adds up by service what is measured by process. */
const byService = (aggregate: "sum" | "max", series: string): string =>
  `${aggregate} by (service) (${series} * on (instance, job) group_left (service) takings_build_info{namespace=~"$namespace"})`;

export const jetstream = (): Panels => [
  timeseries({
    title: "Waiting",
    about: "Not committed, and of these in flight; at the limit the server holds back the rest.",
    unit: "short",
    queries: [
      range(largest("takings_consumer_pending"), "waiting"),
      range(largest("takings_consumer_ack_pending"), "in flight"),
      range(largest("takings_consumer_ack_pending_limit"), "limit in flight"),
      range(largest("takings_consumer_redelivered"), "delivered again"),
    ],
  }),
  timeseries({
    title: "Acknowledged sequences per second",
    about: "How fast the acknowledged part of the stream grows. 0 while events wait is a standstill.",
    unit: "ops",
    queries: [
      range(
        `max(deriv(takings_consumer_ack_floor{namespace=~"$namespace"}[$__rate_interval]))`,
        "acknowledged",
      ),
    ],
  }),
  timeseries({
    title: "Waiting pulls",
    about: "Consumers that are ready to take some. Under load none waits for long.",
    unit: "short",
    queries: [range(largest("takings_consumer_waiting_pulls"), "waiting pulls")],
  }),
  timeseries({
    title: "Oldest event not committed",
    about: "Its age since the stream took it in.",
    unit: "s",
    redFrom: 60,
    queries: [range(largest("takings_oldest_unprocessed_seconds"), "oldest")],
  }),
  timeseries({
    title: "Stream",
    about: "What it holds and what it may hold. Beyond that it refuses.",
    unit: "bytes",
    width: 16,
    queries: [
      range(largest("takings_stream_bytes"), "holds"),
      range(largest("takings_stream_limit_bytes"), "may hold"),
    ],
  }),
];

export const postgres = (): Panels => [
  timeseries({
    title: "Connections",
    about: "Of the pools, by service and whether they are in use.",
    unit: "short",
    queries: [
      range(
        `sum by (service, state) (takings_postgres_connections{namespace=~"$namespace"} * on (instance, job) group_left (service) takings_build_info)`,
        "{{service}} {{state}}",
      ),
    ],
  }),
  timeseries({
    title: "Waiting for a connection",
    about: "More than 0 for long: DATABASE_POOL_SIZE is too small, or the database too slow.",
    unit: "short",
    queries: [range(byService("sum", "takings_postgres_waiting"), "{{service}}")],
  }),
  table({
    title: "Tables",
    about: "Their size, and whether they are being vacuumed.",
    width: 8,
    queries: [sql(tableSizes, "table")],
  }),
];

export const processes = (): Panels => [
  timeseries({
    title: "Processes",
    about: "How many of each service can be scraped.",
    unit: "short",
    queries: [range(`count by (service) (takings_build_info{namespace=~"$namespace"})`, "{{service}}")],
  }),
  timeseries({
    title: "Autoscaling of the consumer",
    about: "Running, wanted and allowed. Needs kube-state-metrics.",
    unit: "short",
    queries: [
      ["status_current_replicas", "running"],
      ["status_desired_replicas", "wanted"],
      ["spec_max_replicas", "allowed"],
    ].map(([name, legend = ""]) =>
      range(
        `max(kube_horizontalpodautoscaler_${name}{namespace=~"$namespace", horizontalpodautoscaler=~".*consumer"})`,
        legend,
      ),
    ),
  }),
  timeseries({
    title: "Event loop delay, p99",
    about: "The worst process of each service. Above 100 ms it does something that it should not do at once.",
    unit: "s",
    redFrom: 0.1,
    queries: [range(byService("max", "nodejs_eventloop_lag_p99_seconds"), "{{service}}")],
  }),
  timeseries({
    title: "CPU",
    about: "Cores, of all processes of a service.",
    unit: "short",
    queries: [range(byService("sum", rate("process_cpu_seconds_total")), "{{service}}")],
  }),
  timeseries({
    title: "Memory",
    about: "Resident, of the largest process of each service.",
    unit: "bytes",
    queries: [range(byService("max", "process_resident_memory_bytes"), "{{service}}")],
  }),
  timeseries({
    title: "Clock skew",
    about: "Between Stripe's signatures and each ingress, median. At 300 s every event is refused.",
    unit: "s",
    redFrom: 30,
    queries: [
      range(
        `histogram_quantile(0.5, sum by (instance, le) (${rate("takings_signature_skew_seconds_bucket")}))`,
        "{{instance}}",
      ),
    ],
  }),
];
