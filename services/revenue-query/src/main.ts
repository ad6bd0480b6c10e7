import { createPaymentReader, createPool, createSchemaCheck, readRecordedTime } from "@takings/postgres";
import {
  createLogger,
  createMetrics,
  type Logger,
  listen,
  poolMetrics,
  run,
  type Scope,
  secretFileMetric,
  buildInfo,
  startAdminServer,
} from "@takings/runtime";
import { endTracing } from "@takings/telemetry";
import { createApp } from "./app.ts";
import { createRecordedTimeMetrics, createRequestMetrics } from "./metrics.ts";
import { watchReadiness } from "./readiness.ts";
import { readSettings } from "./settings.ts";
import { loadTokens } from "./tokens.ts";
import { watchReconciliations } from "./watch-reconciliations.ts";

const graceMs = 20_000;
const statementTimeoutMs = 5_000;
/** Longer than any statement may take, and short enough that a client is still there to be answered. */
const deadlineMs = 6_000;
const readinessIntervalMs = 2_000;
/** Connections that questions leave to the looks at readiness and reconciliations. */
const spareConnections = 2;
const queueDefaults = { queuedPerCaller: 100, queueTimeoutMs: 2_000 };
/** Streams hold a page of rows and no connection while their clients take it. */
const streamLimits = { perCaller: 4, total: 32 };
const streamTimes = { pageMs: 30_000, wholeMs: 3_600_000 };
const limits = {
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  maxConnections: 1_000,
  drainTimeoutMs: 3_000,
};

await run({ graceMs, start });

async function start(scope: Scope): Promise<Logger> {
  const settings = readSettings(process.env);
  const log = createLogger({ service: "revenue-query", level: settings.logLevel });
  const metrics = createMetrics();
  const isAccepted = loadTokens(settings.tokens, log, secretFileMetric(metrics, "API_TOKENS"));
  scope.onStop("tracing", endTracing);

  const pool = createPool({
    url: settings.databaseUrl,
    name: "revenue-query",
    max: settings.poolSize,
    statementTimeoutMs,
    onIdleError: (err) => log.warn({ err }, "database_connection_lost"),
  });
  scope.onStop("database", () => pool.end());
  const reader = createPaymentReader(pool);
  const showRecordedTime = createRecordedTimeMetrics(metrics);
  const schema = createSchemaCheck(pool);
  const readiness = watchReadiness({
    async probe() {
      await schema.require();
      showRecordedTime(await readRecordedTime(pool));
      await reader.safeReadTime();
    },
    intervalMs: readinessIntervalMs,
    onChange: (reason) => (reason === undefined ? log.info("ready") : log.warn({ reason }, "not_ready")),
  });
  scope.onStop("readiness", readiness.stop);

  buildInfo(metrics, "revenue-query");
  poolMetrics(metrics, pool);
  const reconciliations = watchReconciliations({ read: () => reader.reconciliations(), metrics, log });
  scope.onStop("reconciliation watch", reconciliations.stop);
  const admin = await startAdminServer({
    port: settings.adminPort,
    host: settings.host,
    metrics,
    unreadiness: () => (scope.stopping.aborted ? "stopping" : readiness.fault()),
  });
  scope.onStop("admin server", admin.close);

  const atOnce = Math.max(1, settings.poolSize - spareConnections);
  const app = createApp({
    reader,
    installation: settings,
    isAccepted,
    deadlineMs,
    requestsPerMinute: settings.requestsPerMinute,
    queueLimits: { ...queueDefaults, perCaller: Math.ceil(atOnce / 2), total: atOnce },
    streamLimits,
    streamTimes,
    metrics: createRequestMetrics(metrics),
    log,
  });
  const server = await listen(app, { port: settings.port, host: settings.host, limits });
  scope.onStop("http server", server.close);
  log.info({ port: server.port, admin_port: admin.port }, "listening");
  return log;
}
