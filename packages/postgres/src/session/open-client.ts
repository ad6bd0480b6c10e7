import { Client } from "pg";
import { applySettings, connectionOf, sessionSettings, type SessionLimits } from "./session.ts";

/** How a client connects, and its limits. */
export type ClientOptions = Partial<SessionLimits> & {
  /** The application name in pg_stat_activity, after `takings-`. */
  readonly name: string;
  /** Further settings of the session; numbers are in the server's base unit. */
  readonly settings?: Readonly<Record<string, string>>;
};

const connectTimeoutMs = 10_000;
const keepAliveDelayMs = 10_000;

/**
 * Opens a single connection with enforced settings, for work of its own. By default nothing is limited. The
 * caller ends it. If it breaks, the next query fails.
 * @throws Error of the driver or the server when it cannot connect.
 * @throws TakingsError `unavailable` when the settings cannot be enforced.
 */
export async function openClient(url: string, options: ClientOptions): Promise<Client> {
  const limits = { statementTimeoutMs: 0, lockTimeoutMs: 0, idleInTransactionTimeoutMs: 0, ...options };
  const settings = { ...sessionSettings(limits), ...options.settings };
  const client = new Client({
    ...connectionOf(url, options.name),
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveDelayMs,
  });
  // Without a listener the error of an idle connection would end the process.
  client.on("error", () => {});
  try {
    await client.connect();
    await applySettings(client, settings);
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}
