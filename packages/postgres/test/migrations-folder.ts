import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readMigrations } from "../src/migrations/migration-files.ts";

export type MigrationsFolder = Disposable & {
  readonly url: URL;
  write(name: string, sql: string): void;
};

/** A folder of migrations for one test. */
export function createMigrationsFolder(files: Readonly<Record<string, string>>): MigrationsFolder {
  const path = mkdtempSync(join(tmpdir(), "takings-migrations-"));
  const write = (name: string, sql: string): void => writeFileSync(join(path, name), sql);
  for (const [name, sql] of Object.entries(files)) write(name, sql);
  return {
    url: pathToFileURL(`${path}/`),
    write,
    [Symbol.dispose]: () => rmSync(path, { recursive: true }),
  };
}

/** The migrations of this version, and `000002_next.sql` as a next version could add it. */
export async function createNextVersion(): Promise<MigrationsFolder> {
  const present = (await readMigrations()).map(({ name, sql }) => [name, sql]);
  return createMigrationsFolder({
    ...Object.fromEntries(present),
    "000002_next.sql": "alter table takings.gaps add column comment text;",
  });
}
