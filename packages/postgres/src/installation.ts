import { TakingsError } from "@takings/domain";
import type { ClientBase, Pool } from "pg";
import { z } from "zod";
import { writeError } from "./database-errors.ts";

/** The platform's own account, and what is to be said about where it comes from. */
export type PlatformAccount = { readonly account: string | undefined; readonly remarks: readonly string[] };

const readText = "select stripe_account_id as account from takings.installation";
const noteText = "select stripe_account_id as account, is_new, has_events from takings.register_account($1)";
const changeText = `
  insert into takings.installation (stripe_account_id) values ($1)
  on conflict (only_row) do update set stripe_account_id = excluded.stripe_account_id`;

const readRow = z.object({ account: z.string() });
const noteRow = readRow.extend({ is_new: z.boolean(), has_events: z.boolean() });

/**
 * The platform's own account, as the store has it and as this process was told. Bodies that are read with another
 * account than they were counted with would move money from one account to the other.
 * @throws TakingsError `invalid` naming both when they differ, `unavailable` when the store is.
 */
export async function readPlatformAccount(
  client: Pool | ClientBase,
  configured: string | undefined,
): Promise<PlatformAccount> {
  const { rows } = await client.query<Record<string, unknown>>(readText).catch(unavailable);
  const stored = rows.map((row) => readRow.parse(row).account)[0];
  if (stored === undefined && configured !== undefined) {
    const remark = `the store does not say yet whose it is: ${configured} (STRIPE_ACCOUNT_ID) is used`;
    return { account: configured, remarks: [remark] };
  }
  if (stored !== undefined && configured === undefined) {
    return { account: stored, remarks: [`the platform's own account is ${stored}, as the store says`] };
  }
  if (stored !== configured) throw differing(stored, configured);
  return { account: stored, remarks: [] };
}

/**
 * As {@link readPlatformAccount}; what the process was told is noted where the store says nothing yet. Needs the rights
 * of a writer.
 */
export async function registerPlatformAccount(
  pool: Pool,
  configured: string | undefined,
): Promise<PlatformAccount> {
  if (configured === undefined) return readPlatformAccount(pool, configured);
  const { rows } = await pool.query<Record<string, unknown>>(noteText, [configured]).catch(unavailable);
  const { account, is_new: isNew, has_events: hasEvents } = noteRow.parse(rows[0]);
  if (account !== configured) throw differing(account, configured);
  if (!isNew) return { account, remarks: [] };
  const noted = `the platform's own account is noted as ${account}`;
  const advice =
    "; events are stored already, and those that name it may count as a connected account's: run takings rebuild";
  return { account, remarks: [hasEvents ? noted + advice : noted] };
}

/** Makes another account the platform's own. Needs the rights of the tables' owner. */
export async function changePlatformAccount(pool: Pool, account: string): Promise<void> {
  await pool.query(changeText, [account]).catch(unavailable);
}

function differing(stored: string | undefined, configured: string | undefined): TakingsError {
  return new TakingsError(
    "invalid",
    `STRIPE_ACCOUNT_ID is ${configured}, but the events of this store were counted with ${stored} as the platform's ` +
      "own account: give that one or none, or stop the consumers and move the money with takings rebuild --change-account",
  );
}

function unavailable(cause: unknown): never {
  throw writeError(cause, "reading the platform's own account");
}
