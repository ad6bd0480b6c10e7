import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";

/** One step of the schema. */
export type Migration = {
  readonly name: string;
  readonly sql: string;
  /** Of its text, however its lines end: what was applied once must not be edited. */
  readonly checksum: string;
  /** It is one statement that PostgreSQL runs in no transaction, such as `create index concurrently if not exists`. */
  readonly runsAlone: boolean;
};

const ownFolder = new URL("../migrations/", import.meta.url);
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
