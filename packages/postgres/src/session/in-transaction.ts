import type { Pool, PoolClient } from "pg";

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
    await commit(client);
    client.off("error", onError);
    client.release();
    return result;
  } catch (error) {
    client.release(error instanceof Error ? error : true);
    throw error;
  }
}

/** PostgreSQL reports a commit that was not replicated as a success with a warning. */
async function commit(client: PoolClient): Promise<void> {
  const warnings: string[] = [];
  const onNotice = (notice: { readonly message?: string | undefined }): void => {
    warnings.push(notice.message ?? "no message");
  };
  client.on("notice", onNotice);
  const { command } = await client.query("commit");
  client.off("notice", onNotice);
  if (warnings.length > 0) throw new Error(`COMMIT returned a warning: ${warnings.join("; ")}`);
  if (command !== "COMMIT") throw new Error(`COMMIT returned ${command}`);
}
