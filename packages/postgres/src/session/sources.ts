import { defaultSource, type EventKey, TakingsError } from "@takings/domain";
import type { ClientBase, Pool } from "pg";
import { z } from "zod";
import { writeError } from "./database-errors.ts";

/** The platform's own account of each source, and remarks to log about where they come from. */
export type PlatformAccounts = {
  /** By source, of every source that the database has; `undefined` where no account is known. */
  readonly accounts: ReadonlyMap<string, string | undefined>;
  readonly remarks: readonly string[];
};

/** The accounts that the settings of a process name, by source. */
export type ConfiguredAccounts = ReadonlyMap<string, string>;

const readText = "select name, stripe_account_id as account from takings.sources order by name";
const registerText =
  "select stripe_account_id as account, is_new, has_events from takings.register_source($1, $2)";
const registerNamesText =
  "select takings.register_source(name, null) from unnest($1::text[]) as name order by name";
const changeText = `
  insert into takings.sources (name, stripe_account_id) values ($1, $2)
  on conflict (name) do update set stripe_account_id = excluded.stripe_account_id`;

const accountColumn = z.string().nullable();
const readRow = z.object({ name: z.string(), account: accountColumn });
const registerRow = z.object({ account: accountColumn, is_new: z.boolean(), has_events: z.boolean() });

/**
 * The platform's own accounts, as they are stored and as they are configured for this process. If payloads were read with
 * another account than before, money would move from one account to the other.
 * @throws TakingsError `invalid` when the two differ, `unavailable` when the store is unavailable.
 */
export async function readPlatformAccounts(
  client: Pool | ClientBase,
  configured: ConfiguredAccounts,
): Promise<PlatformAccounts> {
  const stored = await readAccounts(client);
  const missing = [...configured].filter(([source]) => stored.get(source) === undefined);
  const remarks = [
    ...remarksAbout(stored, configured),
    ...missing.map(
      ([source, account]) =>
        `the store has no platform account yet${of(source)}; using ${settingOf(source)} ${account}`,
    ),
  ];
  return { accounts: new Map([...stored, ...missing]), remarks };
}

/**
 * As {@link readPlatformAccounts}, and stores the configured account of each source that has none yet. Needs the role
 * `takings_writer`.
 * @throws TakingsError `invalid` too when another source would get the account of the default one.
 */
export async function registerPlatformAccounts(
  pool: Pool,
  configured: ConfiguredAccounts,
): Promise<PlatformAccounts> {
  const stored = await readAccounts(pool);
  const remarks = [...remarksAbout(stored, configured)];
  const missing = [...configured].filter(([source]) => stored.get(source) === undefined);
  const accounts = new Map([...stored, ...missing]);
  refuseThatOfDefault(accounts, new Map(missing));
  for (const [source, account] of missing)
    remarks.push(...(await registerPlatformAccount(pool, source, account)));
  return { accounts, remarks };
}

/** An account that is new must not be shared with the default source: whose its events are would be in doubt. */
function refuseThatOfDefault(accounts: PlatformAccounts["accounts"], added: ConfiguredAccounts): void {
  const ofDefault = accounts.get(defaultSource);
  const shared = [...accounts].find(
    ([source, account]) =>
      source !== defaultSource &&
      account !== undefined &&
      account === ofDefault &&
      (added.has(source) || added.has(defaultSource)),
  );
  if (shared === undefined) return;
  const [source, account] = shared;
  throw new TakingsError(
    "invalid",
    `${settingOf(source)} is ${account}, which is the platform account of the source default: two sources cannot have one`,
  );
}

async function readAccounts(client: Pool | ClientBase): Promise<PlatformAccounts["accounts"]> {
  const { rows } = await client.query<Record<string, unknown>>(readText).catch(unavailable);
  return new Map(
    rows.map((row) => readRow.parse(row)).map(({ name, account }) => [name, account ?? undefined]),
  );
}

/** What to log about the accounts that are stored. @throws TakingsError `invalid` when another one is configured. */
function remarksAbout(
  stored: PlatformAccounts["accounts"],
  configured: ConfiguredAccounts,
): readonly string[] {
  return [...stored].flatMap(([source, account]) => {
    const wanted = configured.get(source);
    if (account === undefined || wanted === account) return [];
    if (wanted !== undefined) throw differing(source, account, wanted);
    return [`using the platform account of the store${of(source)}, ${account}`];
  });
}

/**
 * Stores the platform's own account of a source if none is stored yet. Returns remarks to log.
 * @throws TakingsError `invalid` when another one is stored, `unavailable` when the store is unavailable.
 */
async function registerPlatformAccount(
  pool: Pool,
  source: string,
  wanted: string,
): Promise<readonly string[]> {
  const { rows } = await pool
    .query<Record<string, unknown>>(registerText, [source, wanted])
    .catch(unavailable);
  const { account, is_new: isNew, has_events: hasEvents } = registerRow.parse(rows[0]);
  if (account !== wanted) throw differing(source, account ?? "none", wanted);
  if (!isNew) return [];
  const remark = `stored ${account} as the platform account${of(source)}`;
  const advice = "; events that are stored already may count as a connected account's: run takings rebuild";
  return [hasEvents ? remark + advice : remark];
}

/**
 * Stores the sources of these events, if they are new, so that readers find what is recorded of them. To be called before
 * each recording: a database that was restored from a backup may lack one that an earlier call stored. The default source
 * is stored from the beginning.
 */
export async function registerSources(
  pool: Pool,
  events: readonly Pick<EventKey, "source">[],
): Promise<void> {
  const names = new Set(events.map(({ source }) => source));
  names.delete(defaultSource);
  if (names.size > 0) await pool.query(registerNamesText, [[...names]]);
}

/** Replaces the platform's own account of a source. Must run as the owner of the tables. */
export async function changePlatformAccount(pool: Pool, source: string, account: string): Promise<void> {
  await pool.query(changeText, [source, account]).catch(unavailable);
}

function differing(source: string, stored: string, configured: string): TakingsError {
  const option = source === defaultSource ? "" : ` --source ${source}`;
  return new TakingsError(
    "invalid",
    `${settingOf(source)} is ${configured}, but the events of this store were counted with ${stored} as the platform ` +
      `account: set it to that or remove it, or stop the consumers and run takings rebuild --change-account${option}`,
  );
}

/** What names the account of a source. */
function settingOf(source: string): string {
  return source === defaultSource ? "STRIPE_ACCOUNT_ID" : `account_id of source ${source}`;
}

function of(source: string): string {
  return source === defaultSource ? "" : ` of source ${source}`;
}

function unavailable(cause: unknown): never {
  throw writeError(cause, "reading the platform account");
}
