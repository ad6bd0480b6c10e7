import { Pool } from "pg";

export type PoolOptions = {
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly name: string;
  readonly max: number;
  readonly statementTimeoutMs: number;
  /** Told of connections that broke while idle; the pool replaces them by itself. */
  readonly onIdleError: (error: Error) => void;
};

const connectTimeoutMs = 3_000;
/** Gives up well before the statement, so that a lock held elsewhere shows as what it is. */
const lockTimeoutMs = 3_000;
/** Frees the locks of a process that hangs in the middle of a transaction. */
const idleInTransactionTimeoutMs = 15_000;
/** Beyond the server's own timeout only a dead socket is left to wait for. */
const answerGraceMs = 5_000;
const keepAliveDelayMs = 10_000;
/** Connections are renewed, so that a failover or a moved address is followed. */
const maxLifetimeSeconds = 1_800;

/** A pool of connections whose settings do not depend on what the server's defaults happen to be. */
export function createPool(options: PoolOptions): Pool {
  const settings = {
    statement_timeout: options.statementTimeoutMs,
    lock_timeout: lockTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
    // A commit that may be lost must not be acknowledged, whatever the server's default is.
    synchronous_commit: "on",
    search_path: "pg_catalog",
    timezone: "UTC",
    jit: "off",
  };
  const pool = new Pool({
    connectionString: options.url,
    application_name: `takings-${options.name}`,
    max: options.max,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: options.statementTimeoutMs + answerGraceMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveDelayMs,
    maxLifetimeSeconds,
    options: Object.entries(settings)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(" "),
  });
  // Without a listener the error of an idle connection would end the process.
  pool.on("error", options.onIdleError);
  return pool;
}
