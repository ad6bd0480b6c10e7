import { execFileSync, spawnSync } from "node:child_process";
import { chownSync } from "node:fs";
import { LocalFailure } from "./failure.ts";

/** The user and group a program runs as. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root: then it runs as nobody. Undefined means that this user will do. */
export function postgresUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number => Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" }));
  try {
    return { uid: id("-u"), gid: id("-g") };
  } catch (cause) {
    throw new LocalFailure(
      "PostgreSQL does not run as root and there is no user nobody here: start this as an ordinary user.",
      { cause },
    );
  }
}

/** Gives a file or directory to the user that PostgreSQL runs as. */
export function giveTo(user: SystemUser | undefined, path: string): void {
  if (user !== undefined) chownSync(path, user.uid, user.gid);
}

/** Throws a LocalFailure when that user cannot run the program or enter the directory. */
export function checkReach(user: SystemUser | undefined, program: string, dir: string): void {
  if (user === undefined) return;
  const script = 'test -x "$1" || exit 3; cd "$2" || exit 4';
  const { status } = spawnSync("/bin/sh", ["-c", script, "sh", program, dir], {
    ...user,
    cwd: "/",
    stdio: "ignore",
  });
  if (status === 0) return;
  const path = status === 4 ? dir : program;
  const remedy = status === 4 ? "set TAKINGS_DIR to a folder" : "move the checkout to a place";
  throw new LocalFailure(
    `PostgreSQL does not run as root, and the user nobody, as which it would run, cannot reach ${path}: ${remedy} that every user can enter, or start this as an ordinary user.`,
  );
}
