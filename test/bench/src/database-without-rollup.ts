import { withClient } from "@takings/local";
import type { Pool } from "pg";

const name = "takings_without_rollup";
const deltaInsert = "insert into takings.rollup_deltas";

/**
 * Copies a migrated, empty database, without the indexes that only the rollup needs. Returns a function that turns a URL
 * of the original into that of the copy for the same role.
 */
export async function createDatabaseWithoutRollup(superuserUrl: string): Promise<(url: string) => string> {
  const urlOf = (url: string, database = name): string => {
    const copy = new URL(url);
    copy.pathname = `/${database}`;
    return copy.href;
  };
  const original = new URL(superuserUrl).pathname.slice(1);
  await withClient(urlOf(superuserUrl, "postgres"), (client) =>
    client.query(`create database ${name} template ${original}`),
  );
  await withClient(urlOf(superuserUrl), (client) =>
    client.query(`
      drop index takings.ledger_by_recording;
      drop index takings.ledger_superseded_by_recording;
      drop index takings.ledger_superseded_by_superseding;`),
  );
  return urlOf;
}

/** @throws Error unless the first database has rollup rows and the second has none: otherwise both did the same work. */
export async function requireDifference(rollupUrl: string, withoutRollupUrl: string): Promise<void> {
  const hasRollup = async (url: string): Promise<boolean> =>
    withClient(url, async (client) => {
      const text = "select from takings.rollup_deltas union all select from takings.rollup limit 1";
      return ((await client.query(text)).rowCount ?? 0) > 0;
    });
  if ((await hasRollup(rollupUrl)) && !(await hasRollup(withoutRollupUrl))) return;
  throw new Error(
    "writers with and without the rollup did the same work, so its cost was not measured: see leaveOutRollupDeltas",
  );
}

/** Lets the writers of a pool skip the rollup deltas and do everything else as usual. */
export function leaveOutRollupDeltas(pool: Pool): void {
  pool.on("connect", (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    const withoutRollup = (what: unknown, ...more: unknown[]): unknown => query(withoutDeltas(what), ...more);
    Object.assign(client, { query: withoutRollup });
  });
}

function withoutDeltas(what: unknown): unknown {
  if (!isLedgerStatement(what)) return what;
  const end = what.text.lastIndexOf(deltaInsert);
  if (end !== -1) return { ...what, text: `${what.text.slice(0, end)} select` };
  throw new Error(`write-ledger has no "${deltaInsert}": update database-without-rollup.ts`);
}

function isLedgerStatement(what: unknown): what is { readonly name: string; readonly text: string } {
  return typeof what === "object" && what !== null && "name" in what && what.name === "write-ledger";
}
