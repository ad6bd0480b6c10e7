import type { Client } from "pg";

/** Drops the indexes of a table, whose maintenance per row would be slow; returns the statements that create them again. */
export async function dropIndexes(client: Client, table: string): Promise<string> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `select indexname as name, indexdef as definition from pg_indexes
     where schemaname = 'takings' and tablename = $1 and indexname <> $1 || '_pkey'`,
    [table],
  );
  await client.query(rows.map(({ name }) => `drop index takings.${name}`).join("; "));
  return `set maintenance_work_mem = '512MB'; ${rows.map(({ definition }) => definition).join("; ")}`;
}
