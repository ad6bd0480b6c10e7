import type { Pool, PoolClient } from "pg";

/**
 * Runs `work` between BEGIN and COMMIT. Any failure, and any doubt whether the commit took place and is
 * replicated, throws and destroys the connection: the caller repeats the whole of it, and the keys decide.
 */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  // The pool stops listening while a connection is lent out; the query in progress fails in any case.
  const onError = (): void => {};
  client.on("error", onError);
  try {
    await client.query("begin");
    const result = await work(client);
    await commit(client);
    client.off("error", onError);
    client.release();
    return result;
  } catch (error) {
    client.release(error instanceof Error ? error : true);
    throw error;
  }
}

/** A commit that PostgreSQL made here but was kept from replicating is reported as a success with a warning. */
async function commit(client: PoolClient): Promise<void> {
  const warnings: string[] = [];
  const onNotice = (notice: { readonly message?: string | undefined }): void => {
    warnings.push(notice.message ?? "no message");
  };
  client.on("notice", onNotice);
  const { command } = await client.query("commit");
  client.off("notice", onNotice);
  if (warnings.length > 0) throw new Error(`COMMIT with a warning: ${warnings.join("; ")}`);
  if (command !== "COMMIT") throw new Error(`COMMIT was answered with ${command}`);
}
