import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorCode, LocalFailure } from "../failure.ts";

/** Creates a folder for one run, which other users cannot read. Throws a LocalFailure that says what to do. */
export function temporaryDirectory(prefix: string): string {
  try {
    const dir = mkdtempSync(join(tmpdir(), prefix));
    // When this is root, PostgreSQL runs as another user, who has to pass through this folder.
    if (process.getuid?.() === 0) chmodSync(dir, 0o711);
    return dir;
  } catch (cause) {
    throw new LocalFailure(
      `No folder can be created in ${tmpdir()} (${errorCode(cause) ?? String(cause)}): set TMPDIR to one that exists and that this user may write to.`,
      { cause },
    );
  }
}
