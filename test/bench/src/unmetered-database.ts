import { withClient } from "@takings/local";
import type { Pool } from "pg";

const name = "takings_unmetered";
const additions = "insert into takings.meter_pending";

/**
 * Makes a copy of a migrated, empty database without the indexes that only the meter needs. What it returns turns a
 * URL of the original into that of the copy for the same role.
 */
export async function createUnmeteredDatabase(superuserUrl: string): Promise<(url: string) => string> {
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

/** @throws Error unless the one database has additions to the meter and the other none: then both were the same. */
export async function requireDifference(meteredUrl: string, unmeteredUrl: string): Promise<void> {
  const hasMeter = async (url: string): Promise<boolean> =>
    withClient(url, async (client) => {
      const text = "select from takings.meter_pending union all select from takings.meter limit 1";
      return ((await client.query(text)).rowCount ?? 0) > 0;
    });
  if ((await hasMeter(meteredUrl)) && !(await hasMeter(unmeteredUrl))) return;
  throw new Error(
    "writers with and without the meter did the same, so its cost is unknown: see leaveOutMeter",
  );
}

/** Makes a pool's writers leave out what they would add to the meter; everything else they do stays as it is. */
export function leaveOutMeter(pool: Pool): void {
  pool.on("connect", (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    const unmetered = (what: unknown, ...more: unknown[]): unknown => query(withoutAdditions(what), ...more);
    Object.assign(client, { query: unmetered });
  });
}

function withoutAdditions(what: unknown): unknown {
  if (!isLedgerStatement(what)) return what;
  const end = what.text.lastIndexOf(additions);
  if (end !== -1) return { ...what, text: `${what.text.slice(0, end)} select` };
  throw new Error(
    `write-ledger has no "${additions}" any more: teach unmetered-database.ts what to leave out`,
  );
}

function isLedgerStatement(what: unknown): what is { readonly name: string; readonly text: string } {
  return typeof what === "object" && what !== null && "name" in what && what.name === "write-ledger";
}
