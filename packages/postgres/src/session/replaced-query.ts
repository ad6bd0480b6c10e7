import { callbackify } from "node:util";
import type { QueryResult } from "pg";

/** A statement as a client's `query` takes it. */
export type Statement = {
  readonly text: string;
  readonly name?: string | undefined;
  readonly values?: unknown[];
};

/** Called with the result of a statement. */
export type QueryCallback = (error: NodeJS.ErrnoException, result: QueryResult) => void;

/** Answers as a client's `query` does: by a callback where it got one, as the pool gives it, else by the promise. */
export function answerQuery(
  result: Promise<QueryResult>,
  values: unknown[] | QueryCallback | undefined,
  callback: QueryCallback | undefined,
): Promise<QueryResult> | undefined {
  const done = typeof values === "function" ? values : callback;
  if (done === undefined) return result;
  callbackify(() => result)(done);
  return undefined;
}
