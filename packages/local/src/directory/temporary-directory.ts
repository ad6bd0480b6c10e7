import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorCode, LocalFailure } from "../failure.ts";

/** Makes a folder for one run, in which other users find nothing. Throws a LocalFailure that says what to do. */
export function temporaryDirectory(prefix: string): string {
  try {
    const dir = mkdtempSync(join(tmpdir(), prefix));
    // PostgreSQL, when it may not run as root, runs as another user and has to pass through here.
    if (process.getuid?.() === 0) chmodSync(dir, 0o711);
    return dir;
  } catch (cause) {
    throw new LocalFailure(
      `No folder can be made in ${tmpdir()} (${errorCode(cause) ?? String(cause)}): set TMPDIR to one that exists and that this user may write to.`,
      { cause },
    );
  }
}
