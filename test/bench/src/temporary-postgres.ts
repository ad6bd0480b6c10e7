import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  answersQueries,
  createDatabaseAndRoles,
  databaseName,
  endProcess,
  eventually,
  freePorts,
  grantServiceRoles,
  loadSecrets,
  type PostgresSettings,
  postgresUrl,
  preparePostgres,
  startChild,
  startReaper,
  superuserUrl,
} from "@takings/local";
import { migrate } from "@takings/postgres";

/** A PostgreSQL of one benchmark's own, migrated, with the product's roles. */
export type TemporaryPostgres = {
  readonly superuserUrl: string;
  readonly writerUrl: string;
  readonly readerUrl: string;
  /** Ends the server and deletes its data. */
  [Symbol.asyncDispose](): Promise<void>;
};

/** What takes long on a real server takes long here too: it waits for the disk like one. */
const parameters = { shared_buffers: "512MB", max_wal_size: "8GB", checkpoint_timeout: "30min" };

/** Starts it below the directory for temporary files. @throws LocalFailure when PostgreSQL cannot be started. */
export async function startTemporaryPostgres(): Promise<TemporaryPostgres> {
  const dir = mkdtempSync(join(tmpdir(), "takings-bench-"));
  chmodSync(dir, 0o711);
  const reaper = startReaper();
  const secrets = loadSecrets(dir);
  const [port = 0] = await freePorts(1);
  const settings: PostgresSettings = {
    dir: join(dir, "postgres"),
    port,
    password: secrets.postgres_superuser,
    parameters,
    say: () => undefined,
  };
  const child = await startChild(await preparePostgres(settings), { logFile: join(dir, "postgres.log") });
  const server = { ...child, name: "postgres", signal: "SIGINT" } as const;
  reaper.watch(server);
  await eventually("PostgreSQL", () => answersQueries(superuserUrl(settings, "postgres")));
  await createDatabaseAndRoles(superuserUrl(settings, "postgres"), secrets);
  const urlOf = (role: string, password: string): string => postgresUrl(port, role, password, databaseName);
  await migrate(urlOf("takings_migrator", secrets.postgres_migrator), () => undefined);
  await grantServiceRoles(superuserUrl(settings, databaseName));
  return {
    superuserUrl: superuserUrl(settings, databaseName),
    writerUrl: urlOf("takings_consumer", secrets.postgres_consumer),
    readerUrl: urlOf("takings_query", secrets.postgres_query),
    async [Symbol.asyncDispose]() {
      await endProcess(server, 20_000);
      rmSync(dir, { recursive: true, force: true });
      reaper.dismiss();
    },
  };
}
