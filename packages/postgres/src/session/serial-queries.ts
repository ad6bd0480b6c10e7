import type { Client } from "pg";
import { readError } from "./database-errors.ts";

/**
 * Runs a query and returns its rows.
 * @param what what is read, for error messages.
 * @throws TakingsError `unavailable` when the database is unavailable, too slow, or not migrated.
 */
export type Query = (what: string, text: string, values: readonly unknown[]) => Promise<unknown[]>;

/** Lets concurrent callers share one client, which runs one query at a time. */
export function serialQueries(client: Client): Query {
  let last: Promise<unknown> = Promise.resolve();
  return async (what, text, values) => {
    const result = last.then(() => client.query<Record<string, unknown>>(text, [...values]));
    last = result.catch(() => {});
    const { rows } = await result.catch((cause: unknown) => {
      throw readError(cause, what);
    });
    return rows;
  };
}
