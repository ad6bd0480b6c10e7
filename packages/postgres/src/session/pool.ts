import { type ClientBase, Pool } from "pg";
import { applySettings, connectionOf, sessionSettings } from "./session.ts";

/** How a pool connects, and its limits. */
export type PoolOptions = {
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly name: string;
  readonly max: number;
  readonly statementTimeoutMs: number;
  /** Called for connections that broke while idle; the pool replaces them. */
  readonly onIdleError: (error: Error) => void;
};

const connectTimeoutMs = 3_000;
/** Well below the statement timeout, so that a held lock is reported as such. */
const lockTimeoutMs = 3_000;
const idleInTransactionTimeoutMs = 15_000;
/** If the server has not responded this long after its own timeout, the connection is dead. */
const responseGraceMs = 5_000;
const keepAliveDelayMs = 10_000;
/** Connections are replaced, so that they follow a failover or a changed address. */
const maxLifetimeSeconds = 1_800;

/**
 * Creates a pool of connections whose settings do not depend on defaults of the server, the login or the URL. A connection
 * on which they cannot be enforced is not used: the caller gets a TakingsError `unavailable`.
 */
export function createPool(options: PoolOptions): Pool {
  const { statementTimeoutMs } = options;
  const settings = sessionSettings({
    statementTimeoutMs,
    lockTimeoutMs,
    idleInTransactionTimeoutMs,
  });
  // The pool awaits the promise, though its types do not say so.
  const onConnect = (client: ClientBase): unknown => applySettings(client, settings);
  const pool = new Pool({
    ...connectionOf(options.url, options.name),
    max: options.max,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: statementTimeoutMs + responseGraceMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveDelayMs,
    maxLifetimeSeconds,
    onConnect,
  });
  // Without a listener the error of an idle connection would end the process.
  pool.on("error", options.onIdleError);
  return pool;
}
