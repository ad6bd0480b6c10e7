import { TakingsError } from "@takings/domain";
import { DatabaseError } from "pg";

/**
 * SQLSTATE classes that speak of the values given and not of the database: data exceptions (22), violated
 * constraints (23) and program limits (54). Repeating the same statement with the same values cannot help.
 * https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
const aboutTheValues = /^(22|23|54)/;

/**
 * SQLSTATE classes and codes that say something about the database and nothing about the question: lost or
 * refused connections (08, 28, 3D), conflicts and resources (40, 53, 55), timeouts and shutdown (57, 25P03,
 * 25P04), faults of the system (58), and a schema or a right that a migration has not made yet.
 */
const unavailableStates = /^(08|28|3D|3F|40|53|55|57|58)|^(42P01|42703|42704|42883|42501|25006|25P03|25P04)$/;

/** What `takings.recording_state` and `takings.safe_read_time` raise: they say themselves what is wrong. */
const stale = "TK001";

/**
 * A failure of a write as the domain knows it: what is in doubt is `unavailable`. What is neither that nor about the
 * values is a defect and comes back as it is: it may lie in the statement, the schema, or one of the events.
 */
export function writeError(cause: unknown, doing: string): unknown {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof DatabaseError) {
    const state = cause.code ?? "";
    if (aboutTheValues.test(state))
      return new TakingsError("invalid", `PostgreSQL refuses ${doing}: ${state} ${reason}`, { cause });
    if (!unavailableStates.test(state)) return cause;
  }
  // A value that cannot even be written down, such as an invalid date. The socket and the pool throw neither.
  if (cause instanceof RangeError || cause instanceof TypeError) return cause;
  return new TakingsError("unavailable", `${doing} failed: ${reason}`, { cause });
}

/** A failure of a read as the domain knows it: all but a wrong statement, which is a defect, is `unavailable`. */
export function readError(cause: unknown, what: string): unknown {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof DatabaseError && cause.code === stale) {
    return new TakingsError("stale", `cannot tell ${what}: ${reason}. ${cause.hint ?? ""}`.trimEnd(), {
      cause,
    });
  }
  if (cause instanceof DatabaseError && !unavailableStates.test(cause.code ?? "")) return cause;
  // What is no answer of the server comes from the socket or the pool: refused, reset, timed out, ended.
  const advice = "check that PostgreSQL is up, migrated and reachable, then ask again";
  return new TakingsError("unavailable", `cannot read ${what} from PostgreSQL: ${reason}; ${advice}`, {
    cause,
  });
}

/** Whether a statement gave up waiting for a lock, or was the one to give way in a deadlock. */
export function isLockTimeout(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === "55P03" || error.code === "40P01");
}
