import type { Migration } from "./migration-files.ts";

/** A migration as the database says that it was applied; without a checksum by a version that kept none. */
export type AppliedMigration = { readonly name: string; readonly checksum: string | null };

// Where a version made the table that kept no checksums, there is no such column.
export const appliedText =
  "select name, to_jsonb(migrations) ->> 'checksum' as checksum from takings.migrations order by name";

/**
 * What of the applied migrations is not as this version knows it, in words, or `undefined`. Those that come after all
 * that this version knows are no contradiction: a schema only grows, so that old processes go on beside new ones.
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

/** The names of the migrations that are still to be applied. */
export function unapplied(
  known: readonly Migration[],
  applied: readonly AppliedMigration[],
): readonly Migration[] {
  return known.slice(applied.length);
}

const advice =
  "this database belongs to another commit: run that one, or begin with an empty database (in the local run: pnpm start --fresh)";
