import { TakingsError } from "@takings/domain";
import type { ClientBase, Pool } from "pg";
import { z } from "zod";
import { writeError } from "./database-errors.ts";

/** The platform's own account, and remarks to log about where it comes from. */
export type PlatformAccount = { readonly account: string | undefined; readonly remarks: readonly string[] };

const readText = "select stripe_account_id as account from takings.installation";
const registerText =
  "select stripe_account_id as account, is_new, has_events from takings.register_account($1)";
const changeText = `
  insert into takings.installation (stripe_account_id) values ($1)
  on conflict (only_row) do update set stripe_account_id = excluded.stripe_account_id`;

const readRow = z.object({ account: z.string() });
const registerRow = readRow.extend({ is_new: z.boolean(), has_events: z.boolean() });

/**
 * The platform's own account, as it is stored and as it is configured for this process. If payloads were read with another
 * account than before, money would move from one account to the other.
 * @throws TakingsError `invalid` when the two differ, `unavailable` when the store is unavailable.
 */
export async function readPlatformAccount(
  client: Pool | ClientBase,
  configured: string | undefined,
): Promise<PlatformAccount> {
  const { rows } = await client.query<Record<string, unknown>>(readText).catch(unavailable);
  const stored = rows.map((row) => readRow.parse(row).account)[0];
  if (stored === undefined && configured !== undefined) {
    const remark = `the store has no platform account yet; using STRIPE_ACCOUNT_ID ${configured}`;
    return { account: configured, remarks: [remark] };
  }
  if (stored !== undefined && configured === undefined) {
    return { account: stored, remarks: [`using the platform account of the store, ${stored}`] };
  }
  if (stored !== configured) throw differing(stored, configured);
  return { account: stored, remarks: [] };
}

/**
 * As {@link readPlatformAccount}, and stores the configured account if none is stored yet. Needs the role
 * `takings_writer`.
 */
export async function registerPlatformAccount(
  pool: Pool,
  configured: string | undefined,
): Promise<PlatformAccount> {
  if (configured === undefined) return readPlatformAccount(pool, configured);
  const { rows } = await pool.query<Record<string, unknown>>(registerText, [configured]).catch(unavailable);
  const { account, is_new: isNew, has_events: hasEvents } = registerRow.parse(rows[0]);
  if (account !== configured) throw differing(account, configured);
  if (!isNew) return { account, remarks: [] };
  const remark = `stored ${account} as the platform account`;
  const advice = "; events that are stored already may count as a connected account's: run takings rebuild";
  return { account, remarks: [hasEvents ? remark + advice : remark] };
}

/** Replaces the platform's own account. Must run as the owner of the tables. */
export async function changePlatformAccount(pool: Pool, account: string): Promise<void> {
  await pool.query(changeText, [account]).catch(unavailable);
}

function differing(stored: string | undefined, configured: string | undefined): TakingsError {
  return new TakingsError(
    "invalid",
    `STRIPE_ACCOUNT_ID is ${configured}, but the events of this store were counted with ${stored} as the platform ` +
      "account: set it to that or remove it, or stop the consumers and run takings rebuild --change-account",
  );
}

function unavailable(cause: unknown): never {
  throw writeError(cause, "reading the platform account");
}
