import {
  createBalanceReader,
  createPaymentReader,
  createPool,
  createSchemaCheck,
  readBalanceState,
  readRecordedTime,
} from "@takings/postgres";
import {
  registerBuildInfo,
  connectionsWithinOpenFiles,
  createLogger,
  createMetrics,
  listen,
  type Logger,
  type Metrics,
  registerPoolMetrics,
  type Scope,
  registerSecretFileMetric,
  startAdminServer,
} from "@takings/runtime";
import { endTracing } from "@takings/telemetry";
import { watchBalance } from "./background/watch-balance.ts";
import { type ReadinessWatch, watchReadiness } from "./background/watch-readiness.ts";
import { watchReconciliations } from "./background/watch-reconciliations.ts";
import { createApp } from "./http/app.ts";
import { loadTokens } from "./http/tokens.ts";
import { createRecordedTimeMetrics, createRequestMetrics } from "./metrics.ts";
import type { Settings } from "./settings.ts";

const statementTimeoutMs = 5_000;
/** Longer than the statement timeout, and short enough that the client still waits for the response. */
const deadlineMs = 6_000;
/** Connections kept free of requests for the checks of readiness, reconciliation and balance. */
const spareConnections = 2;
const queueDefaults = { queuedPerCaller: 100, queueTimeoutMs: 2_000 };
/** While a client reads, a stream holds one page of rows and no connection. */
const streamLimits = { perCaller: 4, total: 32 };
const streamTimeouts = { pageMs: 30_000, totalMs: 3_600_000 };
const limits = {
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  maxConnections: 1_000,
  drainTimeoutMs: 3_000,
};

/** Composes revenue-query and starts it. Resolves with its logger once it accepts requests. */
export async function startRevenueQuery(scope: Scope, settings: Settings): Promise<Logger> {
  const log = createLogger({ service: "revenue-query", level: settings.logLevel });
  scope.onStop("tracing", endTracing);
  const metrics = createMetrics();
  registerBuildInfo(metrics, "revenue-query");
  const requestMetrics = createRequestMetrics(metrics);
  const tokens = loadTokens(settings.tokens, log, registerSecretFileMetric(metrics)("API_TOKENS_FILE"));

  const pool = openDatabase(settings, log);
  scope.onStop("database", () => pool.end());
  registerPoolMetrics(metrics, pool);
  const reader = createPaymentReader(pool);
  const readiness = startReadinessWatch(pool, reader, { metrics, log });
  scope.onStop("readiness watch", readiness.stop);
  const reconciliations = watchReconciliations({ read: () => reader.reconciliations(), metrics, log });
  scope.onStop("reconciliation watch", reconciliations.stop);
  const balance = watchBalance({ read: () => readBalanceState(pool), metrics, log });
  scope.onStop("balance watch", balance.stop);
  const admin = await startAdminServer({
    port: settings.adminPort,
    host: settings.host,
    metrics,
    notReadyReason: () => (scope.stopping.aborted ? "stopping" : readiness.fault()),
  });
  scope.onStop("admin server", admin.close);

  const maxReads = Math.max(1, settings.poolSize - spareConnections);
  const app = createApp({
    reader,
    balance: createBalanceReader(pool),
    installation: settings,
    tokens,
    // Not all settings: those of the same name as a dependency would take its place.
    page: {
      publicUrl: settings.publicUrl,
      userHeader: settings.userHeader,
      proxies: settings.proxies,
      grafanaUrl: settings.grafanaUrl,
    },
    now: Date.now,
    deadlineMs,
    requestsPerMinute: settings.requestsPerMinute,
    queueLimits: { ...queueDefaults, perCaller: Math.ceil(maxReads / 2), total: maxReads },
    streamLimits,
    streamTimeouts,
    metrics: requestMetrics,
    log,
  });
  const maxConnections = connectionsWithinOpenFiles(limits.maxConnections, log);
  const server = await listen(app, {
    port: settings.port,
    host: settings.host,
    limits: { ...limits, maxConnections },
  });
  scope.onStop("http server", server.close);
  log.info({ port: server.port, admin_port: admin.port }, "listening");
  return log;
}

type Pool = ReturnType<typeof createPool>;

function openDatabase(settings: Settings, log: Logger): Pool {
  return createPool({
    url: settings.databaseUrl,
    name: "revenue-query",
    max: settings.poolSize,
    statementTimeoutMs,
    onIdleError: (err) => log.warn({ err }, "database_connection_lost"),
  });
}

/** Ready means: the schema is the one this version needs, and the safe read time can be read and is recent. */
function startReadinessWatch(
  pool: Pool,
  reader: ReturnType<typeof createPaymentReader>,
  { metrics, log }: { readonly metrics: Metrics; readonly log: Logger },
): ReadinessWatch {
  const schema = createSchemaCheck(pool);
  const setRecordedTime = createRecordedTimeMetrics(metrics);
  return watchReadiness({
    async probe() {
      await schema.require();
      setRecordedTime(await readRecordedTime(pool));
      await reader.safeReadTime();
    },
    onChange: (reason) => (reason === undefined ? log.info("ready") : log.warn({ reason }, "not_ready")),
  });
}
