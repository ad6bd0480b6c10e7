import type { ProcessDefinition } from "../processes/process-definition.ts";
import { type PostgresSettings, preparePostgres } from "./cluster.ts";
import { queryFailure } from "./roles.ts";
import { databaseUrl } from "./urls.ts";

/** A PostgreSQL server as a process. Its cluster is made at the first start. */
export function postgresProcess(settings: PostgresSettings, logFile: string): ProcessDefinition {
  const url = databaseUrl("superuser", { ...settings, database: "postgres" });
  return {
    name: "postgres",
    logFile,
    // Fast shutdown: transactions in progress are rolled back, no client is waited for.
    signal: "SIGINT",
    graceMs: 20_000,
    command: () => preparePostgres(settings),
    // After a crash the server first replays its log.
    ready: { withinMs: 300_000, missing: () => queryFailure(url) },
  };
}
