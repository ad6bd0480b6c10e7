import { type Panels, timeseries } from "./panels.ts";
import { range } from "./queries.ts";

// Requests, errors and duration from sampled traces, as Tempo's metrics generator writes them to Prometheus: processors
// span-metrics and service-graphs, https://grafana.com/docs/tempo/latest/metrics-from-traces/. Their series have no
// namespace, so these panels show all installations.

const services = "ingress|consumer|revenue-query";
const rate = (metric: string, matchers: string): string => `rate(${metric}{${matchers}}[$__rate_interval])`;

const ofSpans = (metric: string, matchers = ""): string => rate(metric, `service=~"${services}"${matchers}`);
/** Edges that begin or end at a service of the product. */
const ofEdges = (metric: string): string =>
  ["client", "server"].map((end) => rate(metric, `${end}=~"${services}"`)).join(" or ");

const span = "{{service}}: {{span_name}}";
const edge = "{{client}} to {{server}}";
const source = "From sampled traces. Needs the metrics generator of Tempo.";

export const traces = (): Panels => [
  timeseries({
    title: "Spans",
    about: `The ten most frequent spans. ${source}`,
    unit: "ops",
    queries: [
      range(`topk(10, sum by (service, span_name) (${ofSpans("traces_spanmetrics_calls_total")}))`, span),
    ],
  }),
  timeseries({
    title: "Failed spans",
    about: `Spans with the status error. ${source}`,
    unit: "ops",
    queries: [
      range(
        `sum by (service, span_name) (${ofSpans("traces_spanmetrics_calls_total", ', status_code="STATUS_CODE_ERROR"')})`,
        span,
      ),
    ],
  }),
  timeseries({
    title: "Span duration, p99",
    about: `The ten slowest spans. ${source}`,
    unit: "s",
    queries: [
      range(
        `topk(10, histogram_quantile(0.99, sum by (service, span_name, le) (${ofSpans("traces_spanmetrics_latency_bucket")})))`,
        span,
      ),
    ],
  }),
  timeseries({
    title: "Requests between services",
    about: `Edges of the service graph, which Explore shows for the Tempo data source. ${source}`,
    unit: "reqps",
    queries: [range(`sum by (client, server) (${ofEdges("traces_service_graph_request_total")})`, edge)],
  }),
  timeseries({
    title: "Failed requests between services",
    about: `Requests whose span at the client or the server has the status error. ${source}`,
    unit: "reqps",
    queries: [
      range(`sum by (client, server) (${ofEdges("traces_service_graph_request_failed_total")})`, edge),
    ],
  }),
  timeseries({
    title: "Request duration between services, p99",
    about: `As the server saw it; between ingress and consumer it is the processing of the message. ${source}`,
    unit: "s",
    queries: [
      range(
        `histogram_quantile(0.99, sum by (client, server, le) (${ofEdges("traces_service_graph_request_server_seconds_bucket")}))`,
        edge,
      ),
    ],
  }),
];
