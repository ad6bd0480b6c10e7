import { createPaymentService } from "@takings/domain";
import { type Deliveries, type NatsLink, openDeliveries, openLink, readBacklog } from "@takings/nats";
import {
  advanceBalanceRollup,
  advanceRecordedTime,
  advanceRollup,
  compactCommittedSequences,
  countOpenGaps,
  countOpenQuarantine,
  createIsolationLog,
  createPaymentWriter,
  createPool,
  createSchemaCheck,
} from "@takings/postgres";
import {
  registerBuildInfo,
  createLogger,
  createMetrics,
  type FileListener,
  type Logger,
  registerPoolMetrics,
  registerSecretFileMetric,
  type Scope,
  startAdminServer,
} from "@takings/runtime";
import { endTracing } from "@takings/telemetry";
import { toEventRecord } from "@takings/wire";
import { createSettingsWait } from "./await-settings.ts";
import { runEach, startBackgroundLoop } from "./background-loop.ts";
import { followConfiguredAccounts } from "./configured-accounts.ts";
import { consume } from "./consume.ts";
import { type ConsumerMetrics, createConsumerMetrics } from "./metrics.ts";
import { type FollowedAccounts, followPlatformAccounts } from "./platform-accounts.ts";
import { createRecorder } from "./record-batch.ts";
import { sampleRecord } from "./sample-record.ts";
import type { Settings } from "./settings.ts";
import { watchBacklog, watchGaps, watchQuarantine } from "./watch-gauges.ts";
import { watchSchema } from "./watch-schema.ts";

const statementTimeoutMs = 15_000;
/** One for batches, one for background work, and one to spare while a broken one is replaced. */
const connections = 3;
/** Totals of a second cost little more than those of a batch: most of them are of the same hours and currencies. */
const rollupPauseMs = 1_000;
/** A first load is of many days at once, each in eleven lengths of blocks: fewer and larger steps have more in common. */
const balanceRollupPauseMs = 5_000;
/** What the database applies at a time. */
const deltasPerStep = 5_000;
const compactionPauseMs = 5_000;

/**
 * Composes the consumer and starts it. Resolves with its logger once it is started, whether NATS and the database are
 * reachable or not.
 * @param read turns a stored body into its record; tests pass others.
 */
export async function startConsumer(
  scope: Scope,
  settings: Settings,
  read: typeof toEventRecord = toEventRecord,
): Promise<Logger> {
  const log = createLogger({ service: "consumer", level: settings.logLevel });
  scope.onStop("tracing", endTracing);
  const metrics = createMetrics();
  registerBuildInfo(metrics, "consumer");
  const consumerMetrics = createConsumerMetrics(metrics);
  const onFile = registerSecretFileMetric(metrics)("STRIPE_SOURCES_FILE");
  const pool = openDatabase(settings, log);
  registerPoolMetrics(metrics, pool);
  const schema = watchSchema(createSchemaCheck(pool), log);
  scope.onStop("schema watch", schema.stop);
  const link = await connectToNats(scope, settings, log);
  const accounts = followAccounts(scope, settings, { pool, onFile, log });
  // Nothing is pulled before the platform's accounts are known: what is held too long is redelivered as a suspect.
  let deliveries: Deliveries | undefined;
  const notPulling = (): string | undefined =>
    deliveries === undefined ? "the platform's accounts are not known yet" : deliveries.failure();
  const admin = await startAdminServer({
    port: settings.adminPort,
    host: settings.host,
    metrics,
    notReadyReason: () => (scope.stopping.aborted ? "stopping" : (schema.fault() ?? notPulling())),
  });
  scope.onStop("admin server", admin.close);
  scope.onStop("database", () => pool.end());
  scope.onStop("nats", link.close);
  startBackgroundWork(scope, { pool, link, metrics: consumerMetrics, log });

  const work = async (): Promise<void> => {
    if (!(await accounts.start())) return;
    scope.onStop("account watch", accounts.stop);
    deliveries = pullFrom(link, settings, log);
    const payments = createPaymentService(accounts.accountOf);
    const writer = schema.guard(createPaymentWriter(pool, { payloads: settings.payloadMode }));
    await consume({
      deliveries,
      read: (stored) => read(stored, payments),
      learn: accounts.learn,
      record: createRecorder({
        writer,
        probe: () => writer.dryRun([sampleRecord(payments)]),
      }),
      isolationLog: createIsolationLog(pool),
      metrics: consumerMetrics,
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

function followAccounts(
  scope: Scope,
  settings: Settings,
  { pool, onFile, log }: { readonly pool: Pool; readonly onFile: FileListener; readonly log: Logger },
): FollowedAccounts {
  const { stopping } = scope;
  const accounts = followPlatformAccounts({
    pool,
    configured: () => configured.accounts(),
    untilNamed: createSettingsWait({
      mayStillName: (source) => configured.mayStillName(source),
      stopping,
      log,
    }),
    stopping,
    onChanged: (error) => scope.fail("platform_account_changed", error),
    log,
  });
  const { accountOf } = accounts;
  const configured = followConfiguredAccounts(settings, { accountOf, onFile, log });
  return accounts;
}

function pullFrom(link: NatsLink, settings: Settings, log: Logger): Deliveries {
  return openDeliveries(link, {
    batchSize: settings.batchSize,
    onError: (reason) => log.warn({ reason }, "pull_failed"),
    onStreamChanged: (reason, dropped) => log.error({ reason, dropped }, "stream_changed"),
  });
}

type Pool = ReturnType<typeof createPool>;

function openDatabase(settings: Settings, log: Logger): Pool {
  return createPool({
    url: settings.databaseUrl,
    name: "consumer",
    max: connections,
    statementTimeoutMs,
    onIdleError: (err) => log.warn({ err }, "database_connection_lost"),
  });
}

async function connectToNats(scope: Scope, settings: Settings, log: Logger): Promise<NatsLink> {
  const link = await openLink({ ...settings.nats, name: "consumer" });
  link.broken.catch((error: unknown) => scope.fail("nats_closed", error));
  link.watch(({ connected, server, reason }) => {
    log[connected ? "info" : "error"]({ server, reason }, connected ? "nats_connected" : "nats_disconnected");
  });
  return link;
}

type BackgroundDependencies = {
  readonly pool: Pool;
  readonly link: NatsLink;
  readonly metrics: ConsumerMetrics;
  readonly log: Logger;
};

/** Starts the periodic work that does not depend on any batch. */
function startBackgroundWork(scope: Scope, { pool, link, metrics, log }: BackgroundDependencies): void {
  const backlog = watchBacklog({ read: () => readBacklog(link), metrics, log });
  scope.onStop("backlog watch", backlog.stop);
  const quarantine = watchQuarantine({ read: () => countOpenQuarantine(pool), metrics, log });
  scope.onStop("quarantine watch", quarantine.stop);
  const gaps = watchGaps({ read: () => countOpenGaps(pool), metrics, log });
  scope.onStop("gaps watch", gaps.stop);
  let balanceDueAt = 0;
  const advanceBalance = async (): Promise<number> => {
    if (performance.now() < balanceDueAt) return 0;
    const applied = await advanceBalanceRollup(pool);
    if (applied < deltasPerStep) balanceDueAt = performance.now() + balanceRollupPauseMs;
    return applied;
  };
  const rollup = startBackgroundLoop({
    async step() {
      await advanceRecordedTime(pool);
      const applied = await runEach([() => advanceRollup(pool), advanceBalance]);
      return applied >= deltasPerStep;
    },
    pauseMs: rollupPauseMs,
    failure: "rollup_not_advanced",
    log,
  });
  scope.onStop("rollup", rollup.stop);
  const compaction = startBackgroundLoop({
    async step() {
      await compactCommittedSequences(pool);
      return false;
    },
    pauseMs: compactionPauseMs,
    failure: "committed_sequences_not_compacted",
    log,
  });
  scope.onStop("committed sequences", compaction.stop);
}
