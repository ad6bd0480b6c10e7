import { TakingsError } from "@takings/domain";
import type { ClientBase, ClientConfig } from "pg";

/** Settings of a session by name; numbers are in the server's base unit (`pg_settings.unit`). */
export type SessionSettings = Readonly<Record<string, string>>;

export type SessionLimits = {
  /** 0 is no limit, as in each of these. */
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  /** Frees the locks of a process that hangs in the middle of a transaction. */
  readonly idleInTransactionTimeoutMs: number;
};

/** What every session of ours relies on, whatever server, database, login and URL have as their defaults. */
export function sessionSettings(limits: SessionLimits): SessionSettings {
  return {
    statement_timeout: String(limits.statementTimeoutMs),
    lock_timeout: String(limits.lockTimeoutMs),
    idle_in_transaction_session_timeout: String(limits.idleInTransactionTimeoutMs),
    // A commit that may be lost must not be acknowledged.
    synchronous_commit: "on",
    // That a commit was not replicated comes as a warning only.
    client_min_messages: "warning",
    default_transaction_isolation: "read committed",
    // Temporary objects come last: left unnamed they would be found first.
    search_path: "pg_catalog, pg_temp",
    timezone: "UTC",
    datestyle: "ISO, MDY",
    jit: "off",
  };
}

/** Parameters of a URL that would replace what we give the driver. */
const replacing = [
  "options",
  "application_name",
  "statement_timeout",
  "lock_timeout",
  "idle_in_transaction_session_timeout",
  "query_timeout",
  "client_encoding",
];

/**
 * How to connect with these settings. Options of the URL are kept, because hosters route by them, and ours come after
 * them: of two that name the same setting the server takes the last.
 */
export function connectionOf(url: string, name: string, settings: SessionSettings): ClientConfig {
  const bare = new URL(url);
  const given = bare.searchParams.getAll("options");
  for (const parameter of replacing) bare.searchParams.delete(parameter);
  const ours = Object.entries(settings).map(([setting, value]) => `-c ${setting}=${escapeOption(value)}`);
  return {
    connectionString: bare.href,
    application_name: `takings-${name}`,
    options: [...given, ...ours].join(" "),
  };
}

/**
 * Makes sure that a new session has its settings. A pooler may have dropped the options, or a trigger changed them.
 * @throws TakingsError `unavailable` naming what does not hold; the connection must not be used then.
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
    `a connection to PostgreSQL is refused, because its settings do not hold (${listed}): check what the server, the login or a pooler in between does to them`,
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

// The server writes lists with spaces in them, or without, as it pleases.
function withoutSpaces(text: string): string {
  return text.replaceAll(/\s+/g, "").toLowerCase();
}

function escapeOption(value: string): string {
  return value.replaceAll(/[\\\s]/g, (character) => `\\${character}`);
}
