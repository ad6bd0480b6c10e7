import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePorts, postgresUser, startProcess, withClient } from "@takings/local";
import { testVariable } from "./test-variable.ts";

/** A PgBouncer of one test's own. */
export type TestPgbouncer = AsyncDisposable & {
  /** The URL of the same login and database through PgBouncer. */
  through(url: string): string;
};

// Debian installs it where only root looks for programs.
const program = ["/usr/sbin/pgbouncer", "pgbouncer"].find(
  (name) => spawnSync(name, ["--version"]).status === 0,
);

/** Whether a test can run PgBouncer. If not, prints what is not tested. */
export function canRunPgbouncer(what: string): boolean {
  if (program !== undefined) return true;
  process.stdout.write(`NOT TESTED: ${what}. This needs the program pgbouncer (Debian: pgbouncer).\n`);
  return false;
}

/**
 * Starts PgBouncer before the server of these URLs. It knows their logins.
 * @param parameters its settings; all others have the defaults of PgBouncer.
 */
export async function testPgbouncer(
  urls: readonly [string, ...string[]],
  parameters: Readonly<Record<string, string | number>>,
): Promise<TestPgbouncer> {
  const dir = mkdtempSync(join(testVariable("TEST_DIR"), "pgbouncer-"));
  const home = join(dir, "home");
  mkdirSync(home);
  const user = postgresUser(program ?? "pgbouncer", home);
  const write = (name: string, lines: readonly string[]): string => {
    const path = join(home, name);
    writeFileSync(path, lines.map((line) => `${line}\n`).join(""), { mode: 0o600 });
    user.giveFile(path);
    return path;
  };
  const [port = 0] = await freePorts(1);
  const settings = {
    listen_addr: "127.0.0.1",
    listen_port: port,
    unix_socket_dir: "",
    auth_type: "scram-sha-256",
    auth_file: write("users", urls.map(loginOf)),
    ...parameters,
  };
  const configuration = write("pgbouncer.ini", [
    "[databases]",
    `* = host=127.0.0.1 port=${new URL(urls[0]).port}`,
    "[pgbouncer]",
    ...Object.entries(settings).map(([name, value]) => `${name} = ${value}`),
  ]);
  const through = (url: string): string => Object.assign(new URL(url), { port: String(port) }).href;
  const missing = (): Promise<string | undefined> =>
    withClient(through(urls[0]), async () => undefined).catch(String);
  const running = await startProcess(
    {
      name: "pgbouncer",
      logFile: join(dir, "log"),
      signal: "SIGTERM",
      graceMs: 10_000,
      command: () => ({ ...user.command(program ?? "pgbouncer", [configuration]), cwd: "/" }),
      ready: { withinMs: 20_000, missing },
    },
    { sharesGroup: true },
  );
  return {
    through,
    async [Symbol.asyncDispose]() {
      await running.end("SIGKILL");
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function loginOf(url: string): string {
  const { username, password } = new URL(url);
  return `"${username}" "${decodeURIComponent(password)}"`;
}
