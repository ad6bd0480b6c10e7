import { randomBytes } from "node:crypto";
import { databaseUrls, type Secrets, withClient } from "@takings/local";
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

/** Creates a database, migrated unless `migrated` is false. */
export async function testDatabase(options: { readonly migrated?: boolean } = {}): Promise<TestDatabase> {
  const secrets: Secrets = JSON.parse(testVariable("TEST_SECRETS"));
  const address = { port: Number(testVariable("TEST_POSTGRES_PORT")), secrets };
  const server = databaseUrls({ ...address, database: "postgres" }).superuser;
  const name = `test_${randomBytes(6).toString("hex")}`;
  const migrated = options.migrated ?? true;
  const templateError = process.env["TEST_TEMPLATE_ERROR"];
  if (migrated && templateError !== undefined)
    throw new Error(`The migrations failed, so there is no database: ${templateError}`);
  // Copying files costs a third of writing each page to the log, with fsync off.
  const template = `template ${migrated ? templateName : "template1"} strategy file_copy`;
  await withClient(server, (client) =>
    client.query(`create database ${name} owner takings_migrator ${template}`),
  );
  const drop = async (): Promise<void> => {
    await withClient(server, (client) => client.query(`drop database if exists ${name} with (force)`));
  };
  const urls = databaseUrls({ ...address, database: name });
  return {
    name,
    superuserUrl: urls.superuser,
    migratorUrl: urls.migrator,
    writerUrl: urls.consumer,
    readerUrl: urls.query,
    purgerUrl: urls.purger,
    reconcilerUrl: urls.reconcile,
    drop,
    [Symbol.asyncDispose]: drop,
  };
}
