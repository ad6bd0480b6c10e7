import { createPaymentService, TakingsError } from "@takings/domain";
import { type Deliveries, type NatsLink, openDeliveries, openLink, readBacklog } from "@takings/nats";
import {
  advanceRollup,
  advanceRecordedTime,
  countOpenGaps,
  countOpenQuarantine,
  createPaymentWriter,
  createPool,
  createSchemaCheck,
  createIsolationLog,
  compactCommittedSequences,
} from "@takings/postgres";
import {
  createLogger,
  createMetrics,
  type Logger,
  poolMetrics,
  type Scope,
  buildInfo,
  startAdminServer,
} from "@takings/runtime";
import { endTracing } from "@takings/telemetry";
import { toEventRecord } from "@takings/wire";
import { consume } from "./consume.ts";
import { startBackgroundLoop } from "./background-loop.ts";
import { type ConsumerMetrics, createConsumerMetrics } from "./metrics.ts";
import { type KnownAccount, verifyPlatformAccount, resolvePlatformAccount } from "./platform-account.ts";
import { createRecorder } from "./record-batch.ts";
import { sampleRecord } from "./sample-record.ts";
import type { Settings } from "./settings.ts";
import { watchBacklog, watchGaps, watchQuarantine } from "./watch-gauges.ts";
import { watchSchema } from "./watch-schema.ts";

const statementTimeoutMs = 15_000;
/** One for the batches, one for what goes on beside them, and one to spare while a broken one is replaced. */
const connections = 3;

/**
 * Builds the consumer and sets it to work.
 * @param read what is kept of a body.
 */
export async function startConsumer(
  scope: Scope,
  settings: Settings,
  read: typeof toEventRecord = toEventRecord,
): Promise<Logger> {
  const log = createLogger({ service: "consumer", level: settings.LOG_LEVEL });
  scope.onStop("tracing", endTracing);
  const registry = createMetrics();
  buildInfo(registry, "consumer");
  const metrics = createConsumerMetrics(registry);
  const pool = openStore(settings, log);
  poolMetrics(registry, pool);
  const schema = watchSchema(createSchemaCheck(pool), log);
  scope.onStop("schema watch", schema.stop);
  const link = await connectToNats(scope, settings, log);
  // Nothing is pulled before it is known whose events they are: what is held too long comes again, as a suspect.
  let deliveries: Deliveries | undefined;
  const notPulling = (): string | undefined =>
    deliveries === undefined ? "the platform's account is not known yet" : deliveries.failure();
  const admin = await startAdminServer({
    port: settings.ADMIN_PORT,
    host: settings.HOST,
    metrics: registry,
    unreadiness: () => (scope.stopping.aborted ? "stopping" : (schema.fault() ?? notPulling())),
  });
  scope.onStop("admin server", admin.close);
  scope.onStop("database", () => pool.end());
  scope.onStop("nats", link.close);
  startBackgroundWork(scope, { pool, link, metrics, log });

  const work = async (): Promise<void> => {
    const configured = settings.STRIPE_ACCOUNT_ID;
    const known = await resolvePlatformAccount({ pool, configured, stopping: scope.stopping, log });
    if (known === undefined) return;
    watchPlatformAccount(scope, pool, known, log);
    deliveries = pullFrom(link, settings, log);
    const payments = createPaymentService(known.account);
    const writer = schema.guard(createPaymentWriter(pool, { payloads: settings.PAYLOAD_MODE }));
    await consume({
      deliveries,
      read: (delivery) => read(delivery, payments),
      record: createRecorder({
        writer,
        probe: () => writer.dryRun([sampleRecord(payments)]),
      }),
      isolationLog: createIsolationLog(pool),
      metrics,
      stopping: scope.stopping,
      log,
    });
  };
  const consuming = work();
  consuming.catch((error: unknown) => scope.fail("consuming_failed", error));
  scope.onStop("batch in progress", () => consuming);
  scope.onStop("deliveries", async () => deliveries?.stop());
  log.info({ admin_port: admin.port }, "consuming");
  return log;
}

/** Ends the process when the account is changed: what it counted from then on would be another account's money. */
function watchPlatformAccount(scope: Scope, pool: Store, known: KnownAccount, log: Logger): void {
  const step = async (): Promise<number> => {
    await verifyPlatformAccount(pool, known).catch((error: unknown) => {
      if (!(error instanceof TakingsError) || error.code !== "invalid") throw error;
      scope.fail("platform_account_changed", error);
    });
    return 0;
  };
  const watch = startBackgroundLoop({ step, pauseMs: 2_000, failure: "platform_account_unknown", log });
  scope.onStop("account watch", watch.stop);
}

function pullFrom(link: NatsLink, settings: Settings, log: Logger): Deliveries {
  return openDeliveries(link, {
    batchSize: settings.BATCH_SIZE,
    onError: (reason) => log.warn({ reason }, "pull_failed"),
    onStreamChanged: (reason, dropped) => log.error({ reason, dropped }, "stream_changed"),
  });
}

type Store = ReturnType<typeof createPool>;

function openStore(settings: Settings, log: Logger): Store {
  return createPool({
    url: settings.DATABASE_URL,
    name: "consumer",
    max: connections,
    statementTimeoutMs,
    onIdleError: (err) => log.warn({ err }, "database_connection_lost"),
  });
}

async function connectToNats(scope: Scope, settings: Settings, log: Logger): Promise<NatsLink> {
  const { NATS_URL: url, NATS_CREDS_FILE: credsFile } = settings;
  const link = await openLink({ url, credsFile, name: "consumer" });
  link.broken.catch((error: unknown) => scope.fail("nats_closed", error));
  link.watch(({ connected, server }) => {
    log[connected ? "info" : "error"]({ server }, connected ? "nats_connected" : "nats_disconnected");
  });
  return link;
}

type BackgroundDependencies = {
  readonly pool: Store;
  readonly link: NatsLink;
  readonly metrics: ConsumerMetrics;
  readonly log: Logger;
};

/** What goes on beside the batches. */
function startBackgroundWork(scope: Scope, { pool, link, metrics, log }: BackgroundDependencies): void {
  const backlog = watchBacklog({ read: () => readBacklog(link), metrics, log });
  scope.onStop("backlog watch", backlog.stop);
  const quarantine = watchQuarantine({ read: () => countOpenQuarantine(pool), metrics, log });
  scope.onStop("quarantine watch", quarantine.stop);
  const gaps = watchGaps({ read: () => countOpenGaps(pool), metrics, log });
  scope.onStop("gaps watch", gaps.stop);
  const advance = async (): Promise<number> => {
    await advanceRecordedTime(pool);
    return advanceRollup(pool);
  };
  const rollup = startBackgroundLoop({ step: advance, pauseMs: 1_000, failure: "rollup_not_advanced", log });
  scope.onStop("rollup", rollup.stop);
  const compact = (): Promise<number> => compactCommittedSequences(pool);
  const compaction = startBackgroundLoop({
    step: compact,
    pauseMs: 5_000,
    failure: "committed_sequences_not_compacted",
    log,
  });
  scope.onStop("committed sequences", compaction.stop);
}
