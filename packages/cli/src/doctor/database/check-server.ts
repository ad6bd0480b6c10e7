import { createSchemaCheck, readArchiving } from "@takings/postgres";
import { type Check, type Finding, notAsked, ok, todo } from "../check.ts";
import type { Connections } from "../connections.ts";
import { reasonOf } from "../run-checks.ts";
import { databaseCheck } from "./database-check.ts";

/** Whether PostgreSQL is there, is the right one, and keeps what it confirms. */
export function serverChecks(connections: Connections): readonly Check[] {
  return [
    { name: "database/connection", run: () => checkConnection(connections) },
    databaseCheck(connections, "database/schema", async ({ pool }) => {
      const fault = await createSchemaCheck(pool).fault();
      if (fault === undefined) return ok("the schema is that of this release");
      return todo(fault, "docs/cli.md#takings-migrate");
    }),
    databaseCheck(connections, "database/primary", async ({ state }) => {
      if (state.isStandby) return todo("the server is a standby", "set DATABASE_URL to the primary");
      return state.isReadOnly
        ? todo(
            `sessions of ${state.login} are read-only`,
            "set default_transaction_read_only to off for the server, the database and the login",
          )
        : ok("the server is a primary, and can be written to");
    }),
    databaseCheck(connections, "database/durability", async ({ state }) => {
      if (state.unsafeSettings.length > 0)
        return todo(
          `${state.unsafeSettings.join(" and ")} off: a crash can lose or damage what was committed`,
          `set ${state.unsafeSettings.join(" and ")} to on, reload, and run takings verify`,
        );
      const waits = state.synchronousStandbys === "" ? "no standby" : state.synchronousStandbys;
      return ok(`fsync and full_page_writes are on; commits wait for ${waits}`);
    }),
    databaseCheck(connections, "database/backups", async ({ pool }) => {
      const { isOn, lastArchived, lastFailed } = await readArchiving(pool);
      if (!isOn)
        return notAsked(
          "archive_mode is off, so PostgreSQL knows of no backup; docs/runbooks/restore-drill.md says what a backup must do",
        );
      if (lastFailed !== undefined && lastFailed >= (lastArchived ?? new Date(0)))
        return todo(
          `archiving last failed at ${lastFailed.toISOString()}, and last succeeded ${lastArchived?.toISOString() ?? "never"}`,
          "docs/runbooks/PostgresWalArchivingFailing.md",
        );
      return ok(
        lastArchived === undefined
          ? "archiving is on; nothing was archived yet"
          : `archived last at ${lastArchived.toISOString()}`,
      );
    }),
  ];
}

async function checkConnection(connections: Connections): Promise<Finding> {
  const opening = connections.database();
  if (opening === undefined) return notAsked("DATABASE_URL is not set");
  try {
    const { state } = await opening;
    return ok(`PostgreSQL ${state.version}, database ${state.database}, as ${state.login}`);
  } catch (error) {
    return todo(
      reasonOf(error),
      "check that PostgreSQL runs, and DATABASE_URL: docs/configuration.md#postgresql",
    );
  }
}
