import { TakingsError } from "@takings/domain";
import { DatabaseError } from "pg";

/**
 * SQLSTATE classes that speak of the values given and not of the database: data exceptions (22), violated
 * constraints (23) and program limits (54). Repeating the same statement with the same values cannot help.
 * https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
const aboutTheValues = /^(22|23|54)/;

/** A failure of a write as the domain knows it: everything that is in doubt is `unavailable`. */
export function writeError(cause: unknown, doing: string): TakingsError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof DatabaseError && aboutTheValues.test(cause.code ?? "")) {
    return new TakingsError("invalid", `PostgreSQL refuses ${doing}: ${cause.code} ${reason}`, { cause });
  }
  return new TakingsError("unavailable", `${doing} failed: ${reason}`, { cause });
}
