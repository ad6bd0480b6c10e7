import { type ClientBase, Pool } from "pg";
import { connectionOf, enforceSettings, sessionSettings } from "./session.ts";

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
const idleInTransactionTimeoutMs = 15_000;
/** Beyond the server's own timeout only a dead socket is left to wait for. */
const answerGraceMs = 5_000;
const keepAliveDelayMs = 10_000;
/** Connections are renewed, so that a failover or a moved address is followed. */
const maxLifetimeSeconds = 1_800;

/**
 * A pool of connections whose settings do not depend on what the server's defaults, the login or the URL say. A
 * connection on which they do not hold is given to nobody: who asked for it gets a TakingsError `unavailable`.
 */
export function createPool(options: PoolOptions): Pool {
  const { statementTimeoutMs } = options;
  const settings = sessionSettings({
    statementTimeoutMs,
    lockTimeoutMs,
    idleInTransactionTimeoutMs,
  });
  // The pool waits for the promise, though its types do not say so.
  const hold = (client: ClientBase): unknown => enforceSettings(client, settings);
  const pool = new Pool({
    ...connectionOf(options.url, options.name, settings),
    max: options.max,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: statementTimeoutMs + answerGraceMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveDelayMs,
    maxLifetimeSeconds,
    onConnect: hold,
  });
  // Without a listener the error of an idle connection would end the process.
  pool.on("error", options.onIdleError);
  return pool;
}
