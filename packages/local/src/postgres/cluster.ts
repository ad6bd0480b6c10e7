import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ProcessCommand } from "../processes/child.ts";
import { endProcess, orphanGraceMs } from "../processes/end-process.ts";
import type { Secrets } from "../directory/secrets.ts";
import { LocalFailure } from "../failure.ts";
import { type PostgresBinaries, postgresBinaries } from "./binaries.ts";
import { type PostgresUser, postgresUser } from "./user.ts";
import { commandOf, startOf } from "../processes/process-identity.ts";

const run = promisify(execFile);

/** Everything a PostgreSQL server depends on. */
export interface PostgresSettings {
  /** Directory of this server; the cluster is in its sub-directory "data". */
  readonly dir: string;
  readonly port: number;
  /** The superuser's password is set when the cluster is made. */
  readonly secrets: Secrets;
  /** Further settings, such as `{ fsync: "off" }` for temporary servers. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Aborts the creation of the cluster. */
  readonly signal?: AbortSignal;
  readonly say?: (line: string) => void;
}

// The builtin C locale makes the server independent of the locales that the machine has; it supports UTF-8.
const initdbArgs = [
  "--username=postgres",
  "--encoding=UTF8",
  "--locale=C",
  "--locale-provider=builtin",
  "--builtin-locale=C.UTF-8",
  "--data-checksums",
  "--auth=scram-sha-256",
];
const serverEnv = { PATH: "/usr/bin:/bin", LANG: "C", TZ: "UTC" };

/** Creates the cluster where there is none and returns how to start the server. Throws a LocalFailure. */
export async function preparePostgres(settings: PostgresSettings): Promise<ProcessCommand> {
  const binaries = postgresBinaries();
  const data = join(settings.dir, "data");
  mkdirSync(settings.dir, { recursive: true });
  chmodSync(settings.dir, 0o700);
  const user = postgresUser(binaries.postgres, settings.dir);
  if (!existsSync(data)) await makeCluster(settings, binaries, user, data);
  await clearStalePidFile(data);
  const parameters = Object.entries({ ...parametersOf(settings.port), ...settings.parameters });
  const args = ["-D", data, ...parameters.flatMap(([name, value]) => ["-c", `${name}=${value}`])];
  return { ...user.command(binaries.postgres, args), env: serverEnv, cwd: "/" };
}

function parametersOf(port: number): Record<string, string> {
  return {
    port: String(port),
    listen_addresses: "127.0.0.1",
    // The path of a socket may not be longer than some hundred characters, which a checkout's often is.
    unix_socket_directories: "",
    max_connections: "100",
    shared_buffers: "128MB",
    wal_compression: "on",
    timezone: "UTC",
    log_timezone: "UTC",
  };
}

// Created elsewhere and then renamed: a start that was interrupted leaves no incomplete cluster in its place.
async function makeCluster(
  settings: PostgresSettings,
  binaries: PostgresBinaries,
  user: PostgresUser,
  data: string,
): Promise<void> {
  settings.say?.("Creating the database cluster …");
  const aside = `${data}.new`;
  const passwordFile = join(settings.dir, "password.new");
  rmSync(aside, { recursive: true, force: true });
  writeFileSync(passwordFile, settings.secrets.postgres_superuser, { mode: 0o600 });
  user.giveFile(passwordFile);
  const sync = settings.parameters?.["fsync"] === "off" ? ["--no-sync"] : [];
  const options = [...initdbArgs, ...sync, `--pgdata=${aside}`, `--pwfile=${passwordFile}`];
  const { command, args, user: runAs } = user.command(binaries.initdb, options);
  try {
    await run(command, args, { ...runAs, cwd: "/", env: serverEnv, signal: settings.signal });
  } catch (cause) {
    throw new LocalFailure(`The database cluster could not be created in ${data}: ${String(cause)}`, {
      cause,
    });
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(aside, data);
}

// A killed server leaves its pid file. PostgreSQL removes it unless a process with that pid exists, which by then may be
// another program or a zombie. A server that still runs on this data is a leftover and has to end first.
async function clearStalePidFile(data: string): Promise<void> {
  const path = join(data, "postmaster.pid");
  if (!existsSync(path)) return;
  const pid = Number(readFileSync(path, "utf8").split("\n")[0]);
  const started = startOf(pid);
  if (started !== undefined && commandOf(pid).includes(data)) {
    await endProcess({ name: "postgres", pid, started, signal: "SIGINT" }, orphanGraceMs);
  }
  rmSync(path, { force: true });
}
