import { Client } from "pg";
import { connectionOf, enforceSettings, sessionSettings, type SessionLimits } from "./session.ts";

export type ClientOptions = Partial<SessionLimits> & {
  /** Shown in pg_stat_activity, behind `takings-`. */
  readonly name: string;
  /** Further settings of the session; numbers are in the server's base unit. */
  readonly settings?: Readonly<Record<string, string>>;
};

const connectTimeoutMs = 10_000;
const keepAliveDelayMs = 10_000;

/**
 * Opens a single connection with settings that hold, for work that is one session long. Without limits it may take as
 * long as it takes. Whoever opens it ends it; a connection that breaks fails the query that needs it.
 * @throws Error of the driver or the server when there is no connection.
 * @throws TakingsError `unavailable` when the settings do not hold.
 */
export async function openClient(url: string, options: ClientOptions): Promise<Client> {
  const limits = { statementTimeoutMs: 0, lockTimeoutMs: 0, idleInTransactionTimeoutMs: 0, ...options };
  const settings = { ...sessionSettings(limits), ...options.settings };
  const client = new Client({
    ...connectionOf(url, options.name, settings),
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveDelayMs,
  });
  // Without a listener the error of an idle connection would end the process.
  client.on("error", () => {});
  try {
    await client.connect();
    await enforceSettings(client, settings);
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
}
