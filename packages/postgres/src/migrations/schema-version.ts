import type { Migration } from "./migration-files.ts";

/** A migration that was applied to a database. */
export type AppliedMigration = Pick<Migration, "name" | "checksum">;

/** Selects the {@link AppliedMigration applied migrations} of a database, in order. */
export const appliedText = "select name, checksum from takings.migrations order by name";

/**
 * How the applied migrations differ from those of this version, as a message, or `undefined`. Further migrations of a
 * newer version are no difference: a schema only grows, so old processes keep working beside new ones.
 */
export function contradiction(
  known: readonly Migration[],
  applied: readonly AppliedMigration[],
): string | undefined {
  for (const [index, { name, checksum }] of applied.entries()) {
    const own = known[index];
    if (own === undefined) return undefined;
    if (own.name !== name)
      return `the database has migration ${name} where this version has ${own.name}; ${advice}`;
    if (own.checksum !== checksum)
      return `migration ${name} was applied in another version of this file; ${advice}`;
  }
  return undefined;
}

/** The migrations that are still to be applied. */
export function unapplied(
  known: readonly Migration[],
  applied: readonly AppliedMigration[],
): readonly Migration[] {
  return known.slice(applied.length);
}

const advice =
  "this database belongs to another commit: run that one, or begin with an empty database (in the local run: pnpm start --fresh)";
