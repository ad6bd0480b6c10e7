import { execFile } from "node:child_process";
import { promisify } from "node:util";
import {
  type Env,
  grantServiceRoles,
  nodeCommand,
  type PostgresSettings,
  postgresUrl,
  type Secrets,
  superuserUrl,
  withClient,
} from "@takings/local";

const run = promisify(execFile);

/** The migrated database that tests get copies of. */
export const templateName = "takings_template";

/** Makes the template with the project's own migrate command. Rejects with what the command said. */
export async function makeTemplate(settings: PostgresSettings, secrets: Secrets, env: Env): Promise<void> {
  await withClient(superuserUrl(settings, "postgres"), (client) =>
    client.query(`create database ${templateName} owner takings_migrator`),
  );
  const url = postgresUrl(settings.port, "takings_migrator", secrets.postgres_migrator, templateName);
  const migrate = nodeCommand(["packages/cli/src/main.ts", "migrate"], { ...env, DATABASE_URL: url });
  await run(migrate.command, migrate.args, migrate);
  await grantServiceRoles(superuserUrl(settings, templateName));
}
