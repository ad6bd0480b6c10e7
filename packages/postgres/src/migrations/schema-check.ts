import { TakingsError } from "@takings/domain";
import { DatabaseError, type Pool } from "pg";
import { type Migration, readMigrations } from "./migration-files.ts";
import { type AppliedMigration, appliedText, contradiction, unapplied } from "./schema-version.ts";

/** Whether the database has the schema that this version was written for. */
export type SchemaCheck = {
  /**
   * What is wrong with the schema, as a message, or `undefined`. A good result is reused for some seconds.
   * @throws TakingsError `unavailable` when the database cannot be queried.
   */
  fault(): Promise<string | undefined>;
  /** @throws TakingsError `unavailable` when the schema is wrong, or the database cannot be queried. */
  require(): Promise<void>;
};

/** How a schema is checked. */
export type SchemaCheckOptions = {
  /** How long a correct result is reused. */
  readonly trustMs?: number;
  /** The folder of migrations, by default that of this version. */
  readonly folder?: URL;
};

/** A schema changes only by a migration or a restored backup. */
const defaultTrustMs = 10_000;
/** No table, no column, no schema, no right to read it: never migrated, or created by something else. */
const notMigrated = /^(42P01|42703|3F000|42501)$/;

/** Checks a schema over a pool. Migrations of a newer version are accepted, because a schema only grows. */
export function createSchemaCheck(
  pool: Pool,
  { trustMs = defaultTrustMs, folder }: SchemaCheckOptions = {},
): SchemaCheck {
  let trustedUntil = 0;
  let known: Promise<readonly Migration[]> | undefined;
  const fault = async (): Promise<string | undefined> => {
    if (performance.now() < trustedUntil) return undefined;
    const found = await findFault(pool, await (known ??= readMigrations(folder)));
    if (found === undefined) trustedUntil = performance.now() + trustMs;
    return found;
  };
  return {
    fault,
    async require() {
      const found = await fault();
      if (found !== undefined) throw new TakingsError("unavailable", found);
    },
  };
}

async function findFault(pool: Pool, known: readonly Migration[]): Promise<string | undefined> {
  try {
    const { rows } = await pool.query<AppliedMigration>(appliedText);
    const found = contradiction(known, rows);
    const missing = unapplied(known, rows)[0];
    if (found !== undefined || missing === undefined) return found;
    return `the database lacks migration ${missing.name}: run takings migrate`;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (cause instanceof DatabaseError && notMigrated.test(cause.code ?? ""))
      return `the database has no schema of this version (${reason}): run takings migrate`;
    throw new TakingsError("unavailable", `cannot read the schema's version from PostgreSQL: ${reason}`, {
      cause,
    });
  }
}
