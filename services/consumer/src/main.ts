import { createPaymentService } from "@takings/domain";
import { openDeliveries, openLink, readBacklog } from "@takings/nats";
import { advanceMeter, createPaymentWriter, createPool } from "@takings/postgres";
import {
  createLogger,
  createMetrics,
  type Logger,
  run,
  type Scope,
  startAdminServer,
} from "@takings/runtime";
import { endTracing } from "@takings/telemetry";
import { consume } from "./consume.ts";
import { keepMeter } from "./keep-meter.ts";
import { createConsumerMetrics } from "./metrics.ts";
import { readSettings } from "./settings.ts";
import { watchBacklog } from "./watch-backlog.ts";

const graceMs = 40_000;
const statementTimeoutMs = 15_000;
/** One for the batches, one for the meter, and one to spare for the moment in which a broken one is replaced. */
const connections = 3;

await run({ graceMs, start });

async function start(scope: Scope): Promise<Logger> {
  const settings = readSettings(process.env);
  const log = createLogger({ service: "consumer", level: settings.LOG_LEVEL });
  scope.onStop("tracing", endTracing);
  const metrics = createMetrics();
  const consumerMetrics = createConsumerMetrics(metrics);

  const pool = createPool({
    url: settings.DATABASE_URL,
    name: "consumer",
    max: connections,
    statementTimeoutMs,
    onIdleError: (err) => log.warn({ err }, "database_connection_lost"),
  });
  const link = await openLink({
    url: settings.NATS_URL,
    credsFile: settings.NATS_CREDS_FILE,
    name: "consumer",
  });
  link.broken.catch((error: unknown) => scope.fail("nats_closed", error));
  link.watch(({ connected, server }) => {
    log[connected ? "info" : "error"]({ server }, connected ? "nats_connected" : "nats_disconnected");
  });
  const deliveries = openDeliveries(link, {
    batchSize: settings.BATCH_SIZE,
    onTrouble: (reason) => log.warn({ reason }, "pull_failed"),
  });
  const admin = await startAdminServer({
    port: settings.ADMIN_PORT,
    metrics,
    unreadiness: () => (scope.stopping.aborted ? "stopping" : deliveries.trouble()),
  });
  scope.onStop("admin server", admin.close);
  scope.onStop("database", () => pool.end());
  scope.onStop("nats", link.close);
  const backlog = watchBacklog({ read: () => readBacklog(link), metrics: consumerMetrics, log });
  scope.onStop("backlog watch", backlog.stop);

  const meter = keepMeter({ advance: () => advanceMeter(pool), log });
  scope.onStop("meter", meter.stop);

  const consuming = consume({
    deliveries,
    payments: createPaymentService(settings.STRIPE_ACCOUNT_ID),
    writer: createPaymentWriter(pool, { payloads: settings.PAYLOAD_MODE }),
    metrics: consumerMetrics,
    stopping: scope.stopping,
    log,
  });
  consuming.catch((error: unknown) => scope.fail("consuming_failed", error));
  scope.onStop("batch in progress", () => consuming);
  scope.onStop("deliveries", deliveries.stop);
  log.info({ admin_port: admin.port }, "consuming");
  return log;
}
