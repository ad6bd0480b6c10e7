import { statfsSync } from "node:fs";
import { dirname } from "node:path";

/** With less than that, neither server can make its next file. */
const minFreeBytes = 32 * 1024 ** 2;

/**
 * A suffix for a message that says that the disk of a file is almost full; empty when it is not. A program on a full disk
 * often ends without a message, because its log is there too.
 */
export function diskFullNote(path: string): string {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    const left = bavail * bsize;
    if (left >= minFreeBytes) return "";
    return ` (disk almost full: ${Math.floor(left / 1024)} kB left for ${dirname(path)}; free some space)`;
  } catch {
    return "";
  }
}
