import { TakingsError } from "@takings/domain";
import { DatabaseError } from "pg";

/**
 * SQLSTATE classes that are about the values and not about the database: data exceptions (22), violated constraints (23)
 * and program limits (54). A retry with the same values cannot help.
 * https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
const valueErrorStates = /^(22|23|54)/;

/**
 * SQLSTATE classes and codes that are about the database and not about the query: lost or refused connections (08, 28,
 * 3D), conflicts and resources (40, 53, 55), timeouts and shutdown (57, 25P03, 25P04), system errors (58), and a schema or
 * a right that no migration has created yet.
 */
const unavailableStates = /^(08|28|3D|3F|40|53|55|57|58)|^(42P01|42703|42704|42883|42501|25006|25P03|25P04)$/;

/** Raised by `takings.recording_state` and `takings.safe_read_time`, with a message and a hint of their own. */
const stale = "TK001";

/**
 * Translates a failure of a write: `invalid` if it is about the values, `unavailable` if the database is unavailable or the
 * outcome unknown. Anything else is a defect, in the statement, the schema or an event, and is returned as it is.
 */
export function writeError(cause: unknown, doing: string): unknown {
  const reason = reasonOf(cause);
  if (cause instanceof DatabaseError) {
    const state = cause.code ?? "";
    if (valueErrorStates.test(state))
      return new TakingsError("invalid", `PostgreSQL rejects ${doing}: ${state} ${reason}`, { cause });
    if (!unavailableStates.test(state)) return cause;
  }
  // A value that cannot be serialized, such as an invalid date. The socket and the pool throw neither of these.
  if (cause instanceof RangeError || cause instanceof TypeError) return cause;
  return new TakingsError("unavailable", `${doing} failed: ${reason}`, { cause });
}

/** Translates a failure of a read: `stale`, or `unavailable`. A wrong statement is a defect and returned as it is. */
export function readError(cause: unknown, what: string): unknown {
  const reason = reasonOf(cause);
  if (cause instanceof DatabaseError && cause.code === stale) {
    return new TakingsError("stale", `cannot determine ${what}: ${reason}. ${cause.hint ?? ""}`.trimEnd(), {
      cause,
    });
  }
  if (cause instanceof DatabaseError && !unavailableStates.test(cause.code ?? "")) return cause;
  // Anything that the server did not send comes from the socket or the pool: refused, reset, timed out, ended.
  const advice = "check that PostgreSQL is running, reachable and migrated, then retry";
  return new TakingsError("unavailable", `cannot read ${what} from PostgreSQL: ${reason}; ${advice}`, {
    cause,
  });
}

/** Whether a statement timed out waiting for a lock, or was the victim of a deadlock. */
export function isLockTimeout(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === "55P03" || error.code === "40P01");
}

/** A name with several addresses fails with several errors; the error that holds them has a code and no message. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.message === "" && "code" in cause ? String(cause.code) : cause.message;
}
