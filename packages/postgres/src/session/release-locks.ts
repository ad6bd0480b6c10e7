import type { Client } from "pg";

/**
 * Ends the transaction of a client that holds locks, and its connection. The server notices the end of a connection later than
 * the client does, and would hold the locks until then.
 */
export async function releaseLocks(holder: Client): Promise<void> {
  // Where the connection is lost, so are the locks.
  await holder.query("rollback").catch(() => {});
  await holder.end();
}
