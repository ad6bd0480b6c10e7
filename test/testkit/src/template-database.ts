import { databaseUrl, type Env, type PostgresSettings, withClient } from "@takings/local";
import { migrateDatabase } from "./start-postgres.ts";

/** The migrated database that tests get copies of. */
export const templateName = "takings_template";

/** Creates the template with the project's own migrate command. Rejects with the command's output. */
export async function createTemplate(server: PostgresSettings, env: Env): Promise<void> {
  await withClient(databaseUrl("superuser", { ...server, database: "postgres" }), (client) =>
    client.query(`create database ${templateName} owner takings_migrator`),
  );
  await migrateDatabase(server, { database: templateName, env });
}
