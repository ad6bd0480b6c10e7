import { tableSizes } from "./dashboard-sql.ts";
import { type Panels, table, timeseries } from "./panels.ts";
import { rate } from "./promql.ts";
import { range, sql } from "./queries.ts";

// NATS, PostgreSQL and the processes: state and resource use.

const chosen = (gauge: string): string => `${gauge}{namespace=~"$namespace"}`;
const largest = (gauge: string): string => `max(${chosen(gauge)})`;
/** Adds the label `service` to series of single processes. */
const withService = (series: string): string =>
  `${series} * on (instance, job) group_left (service) ${chosen("takings_build_info")}`;
/** Aggregates series of single processes by service. */
const byService = (aggregate: "sum" | "max", series: string): string =>
  `${aggregate} by (service) (${withService(series)})`;

export const jetstream = (): Panels => [
  timeseries({
    title: "Backlog",
    about:
      "waiting: not committed. in flight: delivered, not acknowledged. At the in-flight limit NATS delivers no more.",
    unit: "short",
    queries: [
      range(largest("takings_consumer_pending"), "waiting"),
      range(largest("takings_consumer_ack_pending"), "in flight"),
      range(largest("takings_consumer_ack_pending_limit"), "in-flight limit"),
      range(largest("takings_consumer_redelivered"), "redelivered"),
    ],
  }),
  timeseries({
    title: "Acknowledged sequences per second",
    about: "Growth of the acknowledgement floor. 0 while events wait: the consumer is stalled.",
    unit: "ops",
    queries: [range(`max(deriv(${chosen("takings_consumer_ack_floor")}[$__rate_interval]))`, "acknowledged")],
  }),
  timeseries({
    title: "Waiting pulls",
    about: "Open pull requests. 0 without load: no consumer is pulling. Under load 0 is normal.",
    unit: "short",
    queries: [range(largest("takings_consumer_waiting_pulls"), "waiting pulls")],
  }),
  timeseries({
    title: "Age of the oldest uncommitted event",
    about: "Since the stream stored it. Above 60 s the ledger is not fresh.",
    unit: "s",
    redFrom: 60,
    queries: [range(largest("takings_oldest_unprocessed_seconds"), "oldest")],
  }),
  timeseries({
    title: "Stream size",
    about: "Bytes stored and the limit (max_bytes). At the limit the stream refuses new events.",
    unit: "bytes",
    width: 16,
    queries: [
      range(largest("takings_stream_bytes"), "stored"),
      range(largest("takings_stream_limit_bytes"), "limit"),
    ],
  }),
];

export const postgres = (): Panels => [
  timeseries({
    title: "Pool connections",
    about: "By service and state.",
    unit: "short",
    queries: [
      range(
        `sum by (service, state) (${withService(chosen("takings_postgres_connections"))})`,
        "{{service}} {{state}}",
      ),
    ],
  }),
  timeseries({
    title: "Waiting for a connection",
    about:
      "Requests waiting for a pool connection. Above 0 for long: DATABASE_POOL_SIZE is too small or the database too slow.",
    unit: "short",
    queries: [range(byService("sum", chosen("takings_postgres_waiting")), "{{service}}")],
  }),
  table({
    title: "Table sizes",
    about: "Size, live and dead rows, and last autovacuum.",
    width: 8,
    units: { bytes: "bytes" },
    queries: [sql(tableSizes, "table")],
  }),
];

export const processes = (): Panels => [
  timeseries({
    title: "Processes",
    about: "Processes that Prometheus scrapes, by service.",
    unit: "short",
    queries: [range(`count by (service) (${chosen("takings_build_info")})`, "{{service}}")],
  }),
  timeseries({
    title: "Consumer replicas",
    about: "Current, desired and maximum replicas of the autoscaler. Needs kube-state-metrics.",
    unit: "short",
    queries: [
      ["status_current_replicas", "current"],
      ["status_desired_replicas", "desired"],
      ["spec_max_replicas", "maximum"],
    ].map(([name, legend = ""]) =>
      range(
        `max(kube_horizontalpodautoscaler_${name}{namespace=~"$namespace", horizontalpodautoscaler=~".*consumer(-keda)?"})`,
        legend,
      ),
    ),
  }),
  timeseries({
    title: "Event loop lag, p99",
    about: "Maximum over the processes of each service. Above 100 ms something blocks the event loop.",
    unit: "s",
    redFrom: 0.1,
    queries: [range(byService("max", chosen("nodejs_eventloop_lag_p99_seconds")), "{{service}}")],
  }),
  timeseries({
    title: "CPU",
    about: "Cores in use, sum over the processes of each service.",
    unit: "short",
    queries: [range(byService("sum", rate("process_cpu_seconds_total")), "{{service}}")],
  }),
  timeseries({
    title: "Memory",
    about: "Resident memory, maximum over the processes of each service.",
    unit: "bytes",
    queries: [range(byService("max", chosen("process_resident_memory_bytes")), "{{service}}")],
  }),
  timeseries({
    title: "Clock skew",
    about:
      "Median difference between signature timestamps and the clock of each ingress. At 300 s every webhook is refused.",
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
