import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";

/** One step of the schema. */
export type Migration = {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of its text with Unix line ends: a migration that was applied must not be edited. */
  readonly checksum: string;
  /** It is a single statement that cannot run in a transaction, such as `create index concurrently if not exists`. */
  readonly runsAlone: boolean;
};

const ownFolder = new URL("../../migrations/", import.meta.url);
const marker = /^-- Runs outside a transaction\.$/m;

/** The migrations of a folder, by default those of this version, in order. */
export async function readMigrations(folder: URL = ownFolder): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{6}_\w+\.sql$/.test(name)).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const sql = (await readFile(new URL(name, folder), "utf8")).replaceAll("\r\n", "\n");
      const checksum = createHash("sha256").update(sql).digest("hex");
      return { name, sql, checksum, runsAlone: marker.test(sql) };
    }),
  );
}

/** The list of checksums that the migrations must have, because a released migration must never change. */
export const checksumsFile: URL = new URL("checksums.txt", ownFolder);

/** What {@link checksumsFile} must contain for these migrations, in the format of `sha256sum`. */
export function checksumsOf(migrations: readonly Migration[]): string {
  return migrations.map(({ name, checksum }) => `${checksum}  ${name}\n`).join("");
}
