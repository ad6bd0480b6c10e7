import { withClient } from "@takings/local";
import type { Pool } from "pg";

const name = "takings_without_rollup";
const deltaInsert = "insert into takings.rollup_deltas";

/**
 * Makes a copy of a migrated, empty database without the indexes that only the rollup needs. What it returns turns a
 * URL of the original into that of the copy for the same role.
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

/** @throws Error unless the one database has additions to the rollup and the other none: then both were the same. */
export async function requireDifference(rollupUrl: string, withoutRollupUrl: string): Promise<void> {
  const hasRollup = async (url: string): Promise<boolean> =>
    withClient(url, async (client) => {
      const text = "select from takings.rollup_deltas union all select from takings.rollup limit 1";
      return ((await client.query(text)).rowCount ?? 0) > 0;
    });
  if ((await hasRollup(rollupUrl)) && !(await hasRollup(withoutRollupUrl))) return;
  throw new Error(
    "writers with and without the rollup did the same, so its cost is unknown: see leaveOutRollupDeltas",
  );
}

/** Makes a pool's writers leave out what they would add to the rollup; everything else they do stays as it is. */
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
  throw new Error(
    `write-ledger has no "${deltaInsert}" any more: teach database-without-rollup.ts what to leave out`,
  );
}

function isLedgerStatement(what: unknown): what is { readonly name: string; readonly text: string } {
  return typeof what === "object" && what !== null && "name" in what && what.name === "write-ledger";
}
