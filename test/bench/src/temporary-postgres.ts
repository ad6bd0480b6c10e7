import { rmSync } from "node:fs";
import { databaseUrls, startReaper, temporaryDirectory } from "@takings/local";
import { migrateDatabase, startPostgres } from "@takings/testkit";

/** A PostgreSQL of one benchmark's own, migrated, with the product's roles. */
export type TemporaryPostgres = AsyncDisposable & {
  readonly superuserUrl: string;
  readonly writerUrl: string;
  readonly readerUrl: string;
};

/** It syncs to disk like a real server, and like one it has memory and few checkpoints. */
const parameters = { shared_buffers: "512MB", max_wal_size: "8GB", checkpoint_timeout: "30min" };

/** Starts it in a temporary directory; disposal deletes its data. @throws LocalFailure when it cannot be started. */
export async function startTemporaryPostgres(): Promise<TemporaryPostgres> {
  const dir = temporaryDirectory("takings-bench-");
  const reaper = startReaper();
  const { settings, process } = await startPostgres(dir, { parameters, reaper });
  await migrateDatabase(settings);
  const urls = databaseUrls(settings);
  return {
    superuserUrl: urls.superuser,
    writerUrl: urls.consumer,
    readerUrl: urls.query,
    async [Symbol.asyncDispose]() {
      await process.end();
      rmSync(dir, { recursive: true, force: true });
      reaper.dismiss();
    },
  };
}
