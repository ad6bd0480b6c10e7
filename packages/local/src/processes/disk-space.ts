import { statfsSync } from "node:fs";
import { dirname } from "node:path";

/** With less than that, neither server can make its next file. */
const minFreeBytes = 32 * 1024 ** 2;

/**
 * Says that the disk of a file is full or nearly so, in words to put behind another message; empty where it is not. A program on a
 * full disk often dies without a word, because its log lies there too.
 */
export function diskFullNote(path: string): string {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    const left = bavail * bsize;
    if (left >= minFreeBytes) return "";
    return ` (the disk of ${dirname(path)} is full or nearly so, with ${Math.floor(left / 1024)} kB left: make room)`;
  } catch {
    return "";
  }
}
