import { randomBytes } from "node:crypto";
import { withClient } from "@takings/local";
import { testVariable } from "./test-variable.ts";
import { templateName } from "./template-database.ts";

/** A database of one test's own. */
export interface TestDatabase {
  readonly name: string;
  readonly superuserUrl: string;
  /** For the role that migrates and owns the database. */
  readonly migratorUrl: string;
  /** For the role that the consumer uses. */
  readonly writerUrl: string;
  /** For the role that revenue-query uses. */
  readonly readerUrl: string;
  /** For the role that purges the stream. */
  readonly purgerUrl: string;
  /** For the role that `takings reconcile` uses. */
  readonly reconcilerUrl: string;
  /** Drops it, whoever is still connected. */
  drop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Makes a fresh database, migrated unless `migrated` is false. */
export async function testDatabase(options: { readonly migrated?: boolean } = {}): Promise<TestDatabase> {
  const server = testVariable("TEST_POSTGRES_URL");
  const secrets: Record<string, string> = JSON.parse(testVariable("TEST_SECRETS"));
  const name = `test_${randomBytes(6).toString("hex")}`;
  const migrated = options.migrated ?? true;
  const templateError = process.env["TEST_TEMPLATE_ERROR"];
  if (migrated && templateError !== undefined)
    throw new Error(`The migrations failed, so there is no database: ${templateError}`);
  // Copied as files, which with syncing off costs a third of writing every page to the log.
  const template = `template ${migrated ? templateName : "template1"} strategy file_copy`;
  await withClient(server, (client) =>
    client.query(`create database ${name} owner takings_migrator ${template}`),
  );
  const drop = async (): Promise<void> => {
    await withClient(server, (client) => client.query(`drop database if exists ${name} with (force)`));
  };
  return {
    name,
    superuserUrl: urlOf(server, name),
    migratorUrl: urlOf(server, name, "takings_migrator", secrets["postgres_migrator"]),
    writerUrl: urlOf(server, name, "takings_consumer", secrets["postgres_consumer"]),
    readerUrl: urlOf(server, name, "takings_query", secrets["postgres_query"]),
    purgerUrl: urlOf(server, name, "takings_purge", secrets["postgres_purger"]),
    reconcilerUrl: urlOf(server, name, "takings_reconcile", secrets["postgres_reconcile"]),
    drop,
    [Symbol.asyncDispose]: drop,
  };
}

function urlOf(server: string, database: string, role?: string, password?: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  if (role !== undefined) url.username = role;
  if (password !== undefined) url.password = password;
  return url.href;
}
