import { withClient } from "@takings/local";

type Client = Parameters<Parameters<typeof withClient>[1]>[0];

const rowsPerCopy = 1_000;

/** The upper bound of the store: COPY of the rows of a drain into equal tables. */
export type CopyBaseline = {
  /** Events per second with their ledger entries, 1,000 per transaction. */
  measure(): Promise<number>;
};

/** Writes the tables' rows into files in the server's data directory. Needs the superuser. */
export async function prepareCopy(url: string): Promise<CopyBaseline> {
  const copies = await withClient(url, async (client) => {
    const { rows } = await client.query<{ directory: string; events: string }>(
      "select current_setting('data_directory') as directory, count(*) as events from takings.events",
    );
    const { directory = "", events = "0" } = rows[0] ?? {};
    const count = Math.ceil(Number(events) / rowsPerCopy);
    await client.query("create schema bench");
    for (const table of ["events", "ledger"]) await writePieces(client, table, count, directory);
    const piece = (n: number): string =>
      ["events", "ledger"]
        .map((table) => `copy bench.${table} from '${directory}/bench-${table}-${n}'`)
        .join("; ");
    return { events: Number(events), statements: Array.from({ length: count }, (_, n) => piece(n)) };
  });
  return {
    measure: () =>
      withClient(url, async (client) => {
        await client.query("truncate bench.events, bench.ledger");
        const began = performance.now();
        for (const statement of copies.statements) await client.query(`begin; ${statement}; commit`);
        return (copies.events * 1_000) / (performance.now() - began);
      }),
  };
}

async function writePieces(client: Client, table: string, count: number, directory: string): Promise<void> {
  await client.query(`create table bench.${table} (like takings.${table} including all)`);
  await client.query(
    `create temp table piece_${table} as
      select (row_number() over (order by recorded_at, event_id) - 1) * ${count} / count(*) over () as piece, ${table}
      from takings.${table}`,
  );
  for (let n = 0; n < count; n += 1) {
    const rows = `select (${table}).* from piece_${table} where piece = ${n}`;
    await client.query(`copy (${rows}) to '${directory}/bench-${table}-${n}'`);
  }
}
