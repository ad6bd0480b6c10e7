import { TakingsError } from "@takings/domain";
import type { ClientBase, ClientConfig } from "pg";

/** Settings of a session by name; numbers are in the server's base unit (`pg_settings.unit`). */
export type SessionSettings = Readonly<Record<string, string>>;

/** The time limits of a session. */
export type SessionLimits = {
  /** 0 is no limit, here and below. */
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  /** Releases the locks of a process that hangs in a transaction. */
  readonly idleInTransactionTimeoutMs: number;
};

/** The settings that every session relies on; they override those of the server, the database, the login and the URL. */
export function sessionSettings(limits: SessionLimits): SessionSettings {
  return {
    statement_timeout: String(limits.statementTimeoutMs),
    lock_timeout: String(limits.lockTimeoutMs),
    idle_in_transaction_session_timeout: String(limits.idleInTransactionTimeoutMs),
    // A commit that may be lost must not be acknowledged.
    synchronous_commit: "on",
    // A commit that was not replicated is reported by a warning only.
    client_min_messages: "warning",
    default_transaction_isolation: "read committed",
    // If pg_temp is not named it is searched first.
    search_path: "pg_catalog, pg_temp",
    timezone: "UTC",
    datestyle: "ISO, MDY",
    jit: "off",
  };
}

/** Parameters of a URL that would override the settings that are passed to the driver. */
const overriding = [
  "options",
  "application_name",
  "statement_timeout",
  "lock_timeout",
  "idle_in_transaction_session_timeout",
  "query_timeout",
  "client_encoding",
];

/**
 * The configuration for a connection with these settings. The `options` of the URL are kept, because some hosting
 * providers route by them. The settings come after them, and the last of two that name the same setting wins.
 */
export function connectionOf(url: string, name: string, settings: SessionSettings): ClientConfig {
  const bare = new URL(url);
  const given = bare.searchParams.getAll("options");
  for (const parameter of overriding) bare.searchParams.delete(parameter);
  const ours = Object.entries(settings).map(([setting, value]) => `-c ${setting}=${escapeOption(value)}`);
  return {
    connectionString: bare.href,
    application_name: `takings-${name}`,
    options: [...given, ...ours].join(" "),
  };
}

/**
 * Ensures that a new session has its settings. A pooler may have dropped the options, or a trigger changed them.
 * @throws TakingsError `unavailable` naming the settings that differ; the connection must not be used then.
 */
export async function enforceSettings(
  client: Pick<ClientBase, "query">,
  settings: SessionSettings,
): Promise<void> {
  const missing = await unenforced(client, settings);
  if (missing.length === 0) return;
  const names = missing.map(([name]) => name);
  const values = missing.map(([, value]) => value);
  await client.query(
    "select pg_catalog.set_config(name, value, false) from unnest($1::text[], $2::text[]) as wanted (name, value)",
    [names, values],
  );
  const lasting = await unenforced(client, settings);
  if (lasting.length === 0) return;
  const listed = lasting.map(([name, value]) => `${name} is not ${value}`).join(", ");
  throw new TakingsError(
    "unavailable",
    `a connection to PostgreSQL cannot be used, because its settings differ (${listed}): check the server, the login and any connection pooler`,
  );
}

async function unenforced(
  client: Pick<ClientBase, "query">,
  settings: SessionSettings,
): Promise<readonly (readonly [string, string])[]> {
  const { rows } = await client.query<{ name: string; setting: string }>(
    "select lower(name) as name, setting from pg_catalog.pg_settings where lower(name) = any($1)",
    [Object.keys(settings)],
  );
  const held = new Map(rows.map(({ name, setting }) => [name, withoutSpaces(setting)]));
  return Object.entries(settings).filter(([name, value]) => held.get(name) !== withoutSpaces(value));
}

// The server writes lists with or without spaces.
function withoutSpaces(text: string): string {
  return text.replaceAll(/\s+/g, "").toLowerCase();
}

function escapeOption(value: string): string {
  return value.replaceAll(/[\\\s]/g, (character) => `\\${character}`);
}
