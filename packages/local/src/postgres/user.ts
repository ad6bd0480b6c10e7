import { execFileSync, spawnSync } from "node:child_process";
import { chownSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ProcessCommand } from "../processes/child.ts";
import { LocalFailure } from "../failure.ts";

/** How programs of PostgreSQL are run, and who owns their files. */
export interface PostgresUser {
  /** Gives a file or directory to the user that PostgreSQL runs as. */
  giveFile(path: string): void;
  /** The command that runs a program as that user. */
  command(program: string, args: readonly string[]): ProcessCommand;
}

interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The user that PostgreSQL runs as: the current one, unless that is root, as which PostgreSQL does not run; then the
 * owner of the data, or `nobody`. Throws a LocalFailure when that user cannot reach `program` or `dir`.
 */
export function postgresUser(program: string, dir: string): PostgresUser {
  if (process.getuid?.() !== 0)
    return { giveFile: () => undefined, command: (name, args) => ({ command: name, args }) };
  const user = ownerOf(join(dir, "data")) ?? findNobody();
  const giveFile = (path: string): void => chownSync(path, user.uid, user.gid);
  giveFile(dir);
  const found = waysToRunAs(user).find((way) => reaches(way, program, dir));
  if (found !== undefined) return { giveFile, command: found };
  throw new LocalFailure(
    `PostgreSQL does not run as root, and the user that it would run as (uid ${user.uid}) cannot reach ${program} or ${dir}: move the checkout, or TAKINGS_DIR, to a folder that every user can enter, or start this as an ordinary user.`,
  );
}

type Way = PostgresUser["command"];

// As that user alone where it suffices. A checkout in root's own home is closed to others, and there the process
// keeps the one right to pass closed folders; which of the two capabilities a container has differs.
function waysToRunAs(user: SystemUser): readonly Way[] {
  return [
    (program, args) => ({ command: program, args, user }),
    withCapability(user, "dac_read_search"),
    withCapability(user, "dac_override"),
  ];
}

function withCapability({ uid, gid }: SystemUser, capability: string): Way {
  const identity = [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"];
  const rights = [
    `--inh-caps=+${capability}`,
    `--ambient-caps=+${capability}`,
    `--bounding-set=-all,+${capability}`,
  ];
  // Without this bit access(2), with which PostgreSQL looks for its own programs, ignores the capability.
  const prefix = [...identity, ...rights, "--securebits=+no_setuid_fixup"];
  return (program, args) => ({ command: "setpriv", args: [...prefix, program, ...args] });
}

function reaches(way: Way, program: string, dir: string): boolean {
  const { command, args, user } = way("/bin/sh", ["-c", 'test -x "$1" && cd "$2"', "sh", program, dir]);
  return spawnSync(command, args, { ...user, cwd: "/", stdio: "ignore" }).status === 0;
}

// Data that an ordinary user made stays with that user.
function ownerOf(data: string): SystemUser | undefined {
  const found = statSync(data, { throwIfNoEntry: false });
  return found === undefined || found.uid === 0 ? undefined : { uid: found.uid, gid: found.gid };
}

function findNobody(): SystemUser {
  const id = (flag: string): number => Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" }));
  try {
    return { uid: id("-u"), gid: id("-g") };
  } catch (cause) {
    throw new LocalFailure(
      'PostgreSQL does not run as root, and this system has no user "nobody": start this as an ordinary user.',
      { cause },
    );
  }
}
