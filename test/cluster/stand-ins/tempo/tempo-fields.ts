import type { Fields } from "../src/documented-fields.ts";

// Field names and kinds: "Manifest" and "Configure Tempo" of the documentation of Tempo 3.0
// (https://grafana.com/docs/tempo/latest/configuration/manifest/). Only what a small installation may want to set;
// Tempo parses strictly, so a field of Tempo 2 such as `ingester` or `compactor` ends the process.

const ring: Fields = { kvstore: { store: "text" }, instance_addr: "text", instance_interface_names: "texts" };
const wal: Fields = { path: "text", ingestion_time_range_slack: "duration" };
const compaction: Fields = {
  block_retention: "duration",
  compacted_block_retention: "duration",
  compaction_window: "duration",
  max_block_bytes: "number",
  compaction_cycle: "duration",
};
const serviceGraphs: Fields = {
  wait: "duration",
  max_items: "number",
  workers: "number",
  histogram_buckets: "anything",
  dimensions: "texts",
  enable_client_server_prefix: "flag",
  enable_messaging_system_latency_histogram: "flag",
  peer_attributes: "texts",
  enable_virtual_node_label: "flag",
  database_name_attributes: "texts",
};
const spanMetrics: Fields = {
  histogram_buckets: "anything",
  intrinsic_dimensions: "anything",
  dimensions: "texts",
  enable_target_info: "flag",
};

/** The fields of tempo.yaml. */
export const tempoFields: Fields = {
  target: "text",
  stream_over_http_enabled: "flag",
  server: { http_listen_port: "number", grpc_listen_port: "number", log_level: "text", log_format: "text" },
  // The receivers are those of the OpenTelemetry Collector.
  distributor: { receivers: { otlp: { protocols: { grpc: "anything", http: "anything" } } } },
  query_frontend: { query_end_cutoff: "duration", search: { max_duration: "duration" } },
  metrics_generator: {
    ring,
    processor: { service_graphs: serviceGraphs, span_metrics: spanMetrics },
    registry: { collection_interval: "duration", stale_duration: "duration", external_labels: "anything" },
    storage: {
      path: "text",
      remote_write_flush_deadline: "duration",
      // That of Prometheus.
      remote_write: [{ url: "text", send_exemplars: "flag", send_native_histograms: "flag" }],
    },
    metrics_ingestion_time_range_slack: "duration",
  },
  storage: {
    trace: { backend: "text", wal, local: { path: "text" }, blocklist_poll: "duration", pool: "anything" },
  },
  live_store: {
    ring,
    wal,
    shutdown_marker_dir: "text",
    complete_block_timeout: "duration",
    max_block_duration: "duration",
    fail_on_high_lag: "flag",
  },
  backend_scheduler: { local_work_path: "text" },
  backend_worker: { compaction, ring },
  memberlist: { advertise_addr: "text", bind_port: "number", join_members: "texts" },
  overrides: {
    defaults: {
      ingestion: { rate_limit_bytes: "number", burst_size_bytes: "number", max_traces_per_user: "number" },
      compaction: { block_retention: "duration" },
      metrics_generator: {
        processors: "texts",
        trace_id_label_name: "text",
        generate_native_histograms: "text",
        processor: { service_graphs: serviceGraphs, span_metrics: spanMetrics },
      },
    },
  },
  usage_report: { reporting_enabled: "flag" },
};

/**
 * What Tempo 3 writes when it runs as one process (target `all`, without block_builder), and where by default. The last
 * two have no default.
 */
export const writtenBy: Readonly<Record<string, string | undefined>> = {
  "storage.trace.wal.path": "/var/tempo/wal",
  "live_store.wal.path": "/var/tempo/live-store/traces",
  "live_store.shutdown_marker_dir": "/var/tempo/live-store/shutdown-marker",
  "backend_scheduler.local_work_path": "/var/tempo",
  "storage.trace.local.path": undefined,
  "metrics_generator.storage.path": undefined,
};
