import { TakingsError } from "@takings/domain";
import { type ClientBase, DatabaseError, type QueryResult } from "pg";
import { commit } from "./commit.ts";
import { answerQuery, type QueryCallback, type Statement } from "./replaced-query.ts";

/** What to do where a pooler makes something impossible. */
export const poolerAdvice =
  "a connection pooler is between: connect to PostgreSQL directly, or see Poolers in docs/configuration.md";

/**
 * Whether a pooler is between the client and its server. A pooler that shares server connections gives each client a key
 * for cancelling of its own instead of that of a server process, so the two process ids differ; see
 * docs/decisions/0040-connection-poolers.md. Whether it keeps sessions apart cannot be told.
 */
export async function isPooled(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>("select pg_catalog.pg_backend_pid() as pid");
  // The driver knows the process id of the key, though its types do not say so.
  const announced = "processID" in client ? client.processID : undefined;
  return rows[0]?.pid !== announced;
}

/**
 * Refuses what needs a session of its own.
 * @throws TakingsError `invalid` naming the pooler and what to do.
 */
export async function requireDirect(client: ClientBase, what: string): Promise<void> {
  if (await isPooled(client)) throw new TakingsError("invalid", `${what} needs a session: ${poolerAdvice}`);
}

/** The isolation that a plain `begin` would take from the defaults of the session. */
const beginText = "begin isolation level read committed";

/**
 * Makes a client fit for a pooler that may give each transaction another server connection. Every transaction begins with
 * `settingText`, a statement outside a transaction gets one of its own, and no statement is named, because a prepared
 * statement belongs to a server connection.
 */
export function useOneTransactionEach(client: ClientBase, settingText: string): void {
  const send = client.query.bind(client) as (statement: Statement | string) => Promise<QueryResult>;
  const begin = async (text: string): Promise<QueryResult> =>
    send(`${text === "begin" ? beginText : text}; ${settingText}`);
  const run = async (given: Statement): Promise<QueryResult> => {
    const statement = { ...given, name: undefined };
    if (client.getTransactionStatus() !== "I") return send(statement);
    if (/^begin\b/.test(statement.text)) return begin(statement.text);
    try {
      await begin("begin");
      const result = await send(statement);
      await commit(client, send);
      return result;
    } catch (error) {
      // After any other failure the connection does not answer.
      if (error instanceof DatabaseError) await send("rollback").catch(() => {});
      throw error;
    }
  };
  // One after the other, so that no statement gets into the transaction of another.
  let last: Promise<unknown> = Promise.resolve();
  const query = (
    given: Statement | string,
    values?: unknown[] | QueryCallback,
    callback?: QueryCallback,
  ): Promise<QueryResult> | undefined => {
    const statement = typeof given === "string" ? { text: given } : given;
    const bound = Array.isArray(values) ? { ...statement, values } : statement;
    const result = last.then(() => run(bound));
    last = result.catch(() => {});
    return answerQuery(result, values, callback);
  };
  client.query = query as ClientBase["query"];
}
