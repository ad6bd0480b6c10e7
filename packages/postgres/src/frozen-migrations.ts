import type { Migration } from "./migration-files.ts";

/** Where the checksums are kept that migrations must have; a migration that was released must never change. */
export const frozenListPath: URL = new URL("../migrations/checksums.txt", import.meta.url);

/** The list as it must be for these migrations, in the format of `sha256sum`. */
export function checksumList(migrations: readonly Migration[]): string {
  return migrations.map(({ name, checksum }) => `${checksum}  ${name}\n`).join("");
}
