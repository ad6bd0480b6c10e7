import { TakingsError } from "@takings/domain";
import { DatabaseError, type Pool } from "pg";
import { type Migration, readMigrations } from "./migration-files.ts";
import { type AppliedMigration, appliedText, contradiction, unapplied } from "./schema-version.ts";

/** Whether the database has the schema that this version was written for. */
export type SchemaCheck = {
  /**
   * What is wrong with the schema, in words, or `undefined`; asks anew when that is some seconds old.
   * @throws TakingsError `unavailable` when the database could not be asked.
   */
  fault(): Promise<string | undefined>;
  /** @throws TakingsError `unavailable` when the schema is another, or the database could not be asked. */
  require(): Promise<void>;
};

/** A schema changes only when somebody migrates or restores a backup. */
const defaultTrustMs = 10_000;
/** No table, no column, no schema, no right to read it: made by a version that had none of this. */
const notThere = /^(42P01|42703|3F000|42501)$/;

/**
 * Checks a schema over a pool. A schema that has more than this version knows will do: it only ever grows.
 * @param trustMs how long a schema that was found right is taken to be so.
 */
export function createSchemaCheck(pool: Pool, trustMs = defaultTrustMs): SchemaCheck {
  let rightUntil = 0;
  let known: Promise<readonly Migration[]> | undefined;
  const fault = async (): Promise<string | undefined> => {
    if (performance.now() < rightUntil) return undefined;
    const found = await findFault(pool, await (known ??= readMigrations()));
    if (found === undefined) rightUntil = performance.now() + trustMs;
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
    if (cause instanceof DatabaseError && notThere.test(cause.code ?? ""))
      return `the database has no schema of this version (${reason}): run takings migrate`;
    throw new TakingsError("unavailable", `cannot read the schema's version from PostgreSQL: ${reason}`, {
      cause,
    });
  }
}
