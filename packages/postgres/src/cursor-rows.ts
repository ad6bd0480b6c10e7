import type { ClientBase } from "pg";

const pageSize = 2_000;

/**
 * The rows of a statement, a page at a time, from a cursor of the client's open transaction. The rows of several
 * cursors may be read in turns.
 */
export async function* cursorRows(client: ClientBase, name: string, text: string): AsyncGenerator {
  await client.query(`declare ${name} no scroll cursor for ${text}`);
  for (;;) {
    const { rows } = await client.query<Record<string, unknown>>(`fetch ${pageSize} from ${name}`);
    yield* rows;
    if (rows.length < pageSize) break;
  }
  await client.query(`close ${name}`);
}
