import { execFile } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Env, PostgresSettings, Reaper } from "@takings/local";
import { migrateDatabase, startPostgres } from "@takings/testkit";

const run = promisify(execFile);

/** A migrated database that every installation starts from: to create and migrate one takes longer than many a fault. */
export type PostgresTemplate = {
  /** Gives a directory the passwords of the template; before they are loaded. */
  copySecrets(dir: string): void;
  /** Makes the cluster of a server that has none yet, synced to disk unless the server itself does not sync. */
  copyCluster(settings: PostgresSettings): Promise<void>;
};

export type TemplateContext = { readonly dir: string; readonly env: Env; readonly reaper: Reaper };

/** Creates the cluster, the roles and the tables below a directory. Rejects when the migrations fail. */
export async function makePostgresTemplate({ dir, env, reaper }: TemplateContext): Promise<PostgresTemplate> {
  const home = join(dir, "template");
  mkdirSync(home);
  // PostgreSQL does not run as root: then another user has to pass through these directories.
  if (process.getuid?.() === 0) for (const path of [dir, home]) chmodSync(path, 0o711);
  const { settings, process: server } = await startPostgres(home, { parameters: { fsync: "off" }, reaper });
  try {
    await migrateDatabase(settings, { env: { PATH: env["PATH"] } });
  } finally {
    await server.end("SIGINT");
  }
  const template = join(settings.dir, "data");
  return {
    copySecrets: (target) => copyFileSync(join(home, "secrets.json"), join(target, "secrets.json")),
    async copyCluster({ dir: target, parameters }) {
      mkdirSync(target, { recursive: true });
      const data = join(target, "data");
      await run("cp", ["--archive", "--reflink=auto", template, data]);
      // A case may cut the power, and what a new cluster consists of is never written again.
      if (parameters?.["fsync"] !== "off") await run("sync", ["--file-system", data]);
    },
  };
}
