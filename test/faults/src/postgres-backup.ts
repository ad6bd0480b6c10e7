import { execFile } from "node:child_process";
import { appendFileSync, chownSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { withClient } from "@takings/local";
import { eventually } from "@takings/testkit";
import type { CaseWorkspace } from "./fault-case.ts";
import type { ServerOptions, Servers } from "./servers.ts";

const run = promisify(execFile);
const archivedWithinMs = 30_000;
const restoredWithinMs = 60_000;

const archiveBelow = (postgresDir: string): string => join(postgresDir, "archive");

/** A server that archives its WAL. */
export function archivingServer({ dir }: CaseWorkspace): ServerOptions {
  const postgresDir = join(dir, "postgres");
  const archive = archiveBelow(postgresDir);
  // The command must refuse to overwrite: https://www.postgresql.org/docs/18/continuous-archiving.html
  const command = `mkdir -p ${archive} && test ! -f ${archive}/%f && cp %p ${archive}/%f`;
  return { postgresDir, postgresParameters: { archive_mode: "on", archive_command: command } };
}

/** A base backup of a server, together with the WAL that it archives. */
export type PostgresBackup = {
  /** Waits until everything that is committed now is archived. */
  archive(): Promise<void>;
  /** Kills the server, deletes its data with the WAL that was not archived, and restores the state at that time. */
  restoreTo(moment: string): Promise<void>;
};

/** Copies the data of a running server, without its WAL. Replaces an earlier backup. */
export async function takeBaseBackup(servers: Servers): Promise<PostgresBackup> {
  const { dir } = servers.postgresSettings;
  const [data, base] = [join(dir, "data"), join(dir, "base")];
  rmSync(base, { recursive: true, force: true });
  await withClient(servers.superuserUrl, async (client) => {
    await client.query("select pg_backup_start('base', true)");
    // Files come and go meanwhile; the WAL has what the copy lacks.
    await run("cp", ["-a", data, base]).catch((error: unknown) => {
      if (!/No such file/.test(String(error))) throw error;
    });
    const { rows } = await client.query<{ labelfile: string }>("select labelfile from pg_backup_stop(true)");
    writeFileSync(join(base, "backup_label"), rows[0]?.labelfile ?? "");
  });
  rmSync(join(base, "postmaster.pid"), { force: true });
  rmSync(join(base, "pg_wal"), { recursive: true });
  mkdirSync(join(base, "pg_wal"), { mode: 0o700 });
  writeFileSync(join(base, "recovery.signal"), "");
  giveToOwnerOf(base, ["backup_label", "pg_wal", "recovery.signal"]);
  return {
    archive: () => archiveWal(servers),
    async restoreTo(moment) {
      const { postgres } = servers;
      postgres.hold();
      await postgres.end("SIGQUIT");
      rmSync(data, { recursive: true });
      renameSync(base, data);
      const restore = [
        `restore_command = 'cp ${archiveBelow(dir)}/%f %p'`,
        `recovery_target_time = '${moment}'`,
        "recovery_target_action = 'promote'",
      ];
      appendFileSync(join(data, "postgresql.auto.conf"), `${restore.join("\n")}\n`);
      postgres.release();
      await eventually("the server to be restored", () => isPrimary(servers), restoredWithinMs);
    },
  };
}

function giveToOwnerOf(dir: string, names: readonly string[]): void {
  const { uid, gid } = statSync(dir);
  for (const name of names) chownSync(join(dir, name), uid, gid);
}

async function archiveWal(servers: Servers): Promise<void> {
  await withClient(servers.superuserUrl, async (client) => {
    const { rows } = await client.query<{ segment: string }>(
      "select pg_walfile_name(pg_switch_wal()) as segment",
    );
    const [switched] = rows;
    await eventually(
      "the WAL to be archived",
      async () => {
        const archived = await client.query("select from pg_stat_archiver where last_archived_wal >= $1", [
          switched?.segment,
        ]);
        return archived.rowCount === 1;
      },
      archivedWithinMs,
    );
  });
}

async function isPrimary({ superuserUrl }: Servers): Promise<boolean> {
  return withClient(superuserUrl, async (client) => {
    const { rows } = await client.query<{ is_primary: boolean }>(
      "select not pg_is_in_recovery() as is_primary",
    );
    return rows[0]?.is_primary === true;
  });
}
