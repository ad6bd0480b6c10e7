import { TakingsError } from "@takings/domain";
import { type ClientBase, type ClientConfig, escapeLiteral } from "pg";
import { keepPlansOfNamed } from "./kept-plans.ts";
import { isPooled, poolerAdvice, useOneTransactionEach } from "./pooled-connection.ts";

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

/** Parameters of a URL that the driver would send when it connects, which poolers refuse, or that replace its own. */
const overriding = [
  "application_name",
  "statement_timeout",
  "lock_timeout",
  "idle_in_transaction_session_timeout",
  "query_timeout",
  "client_encoding",
];

/**
 * The configuration for a connection. The settings are not sent with it, because a pooler may refuse or drop them; see
 * {@link applySettings}. The `options` of the URL are kept, because some hosting providers route by them.
 */
export function connectionOf(url: string, name: string): ClientConfig {
  const bare = new URL(url);
  for (const parameter of overriding) bare.searchParams.delete(parameter);
  return { connectionString: bare.href, application_name: `takings-${name}` };
}

/**
 * Makes a new connection run everything with these settings: a direct connection keeps them for its session, and behind a
 * pooler each transaction sets them itself. Then reads back whether they are in effect.
 * @throws TakingsError `unavailable` naming the settings that differ; the connection must not be used then.
 */
export async function applySettings(client: ClientBase, settings: SessionSettings): Promise<void> {
  const pooled = await isPooled(client);
  if (pooled) useOneTransactionEach(client, settingText(settings, "transaction"));
  else await client.query(settingText(settings, "session"));
  // Behind a pooler no statement is named.
  if (!pooled) keepPlansOfNamed(client);
  const differing = await differingSettings(client, settings).catch((cause: unknown) => {
    // Such as PgBouncer in statement mode, which allows no transactions.
    throw pooled ? unusable(cause instanceof Error ? cause.message : String(cause), poolerAdvice) : cause;
  });
  if (differing.length === 0) return;
  const listed = differing.map(([name, value]) => `${name} is not ${value}`).join(", ");
  throw unusable(`its settings differ: ${listed}`, pooled ? poolerAdvice : "check the server and the login");
}

function unusable(reason: string, advice: string): TakingsError {
  return new TakingsError("unavailable", `a connection to PostgreSQL cannot be used (${reason}): ${advice}`);
}

/** One statement, because a parameter of `set` cannot be bound and each statement more takes time. */
function settingText(settings: SessionSettings, lasting: "session" | "transaction"): string {
  const isLocal = String(lasting === "transaction");
  const calls = Object.entries(settings).map(
    ([name, value]) => `pg_catalog.set_config(${escapeLiteral(name)}, ${escapeLiteral(value)}, ${isLocal})`,
  );
  return `select ${calls.join(", ")}`;
}

async function differingSettings(
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
