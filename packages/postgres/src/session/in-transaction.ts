import type { Pool, PoolClient } from "pg";
import { commit } from "./commit.ts";

/**
 * Runs `work` between BEGIN and COMMIT. Throws and destroys the connection if anything fails, or if it is unknown whether
 * the commit succeeded and was replicated. The caller then repeats all of it; keys make that safe.
 */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  // The pool does not listen while a connection is checked out. The query in progress fails anyway.
  const onError = (): void => {};
  client.on("error", onError);
  try {
    await client.query("begin");
    const result = await work(client);
    await commit(client, (text) => client.query(text));
    client.off("error", onError);
    client.release();
    return result;
  } catch (error) {
    client.release(error instanceof Error ? error : true);
    throw error;
  }
}
