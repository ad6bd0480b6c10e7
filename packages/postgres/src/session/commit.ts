import type { ClientBase, QueryResult } from "pg";

/**
 * Commits the client's open transaction.
 * @param send sends a statement to the client's server.
 * @throws Error when the commit failed, or was not replicated, which PostgreSQL reports as a success with a warning.
 */
export async function commit(
  client: Pick<ClientBase, "on" | "off">,
  send: (text: string) => Promise<Pick<QueryResult, "command">>,
): Promise<void> {
  const warnings: string[] = [];
  const onNotice = (notice: { readonly message?: string | undefined }): void => {
    warnings.push(notice.message ?? "no message");
  };
  client.on("notice", onNotice);
  const { command } = await send("commit").finally(() => client.off("notice", onNotice));
  if (warnings.length > 0) throw new Error(`COMMIT returned a warning: ${warnings.join("; ")}`);
  if (command !== "COMMIT") throw new Error(`COMMIT returned ${command}`);
}
