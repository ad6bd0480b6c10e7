import { TakingsError } from "@takings/domain";
import {
  type ConfiguredAccounts,
  type PlatformAccounts,
  readPlatformAccounts,
  registerPlatformAccounts,
  registerSources,
} from "@takings/postgres";
import type { Logger } from "@takings/runtime";

/** What {@link createKnownAccounts} depends on. */
export type KnownAccountsDependencies = {
  readonly pool: Parameters<typeof registerPlatformAccounts>[0];
  /** The accounts that the settings name now, by source. */
  readonly configured: () => ConfiguredAccounts;
  /**
   * Resolves when the settings have said what they say about these sources, of which nothing is known yet; with `false`
   * when the service is stopping.
   */
  readonly untilNamed: (sources: readonly string[]) => Promise<boolean>;
  readonly log: Logger;
};

/**
 * The platform's own account of each source as this process knows it from the database. Its methods throw a TakingsError:
 * `invalid` when the database has another account than before, `unavailable` when it is away.
 */
export type KnownAccounts = {
  /** `undefined` where none is known. */
  accountOf(source: string): string | undefined;
  /** Stores the accounts of the settings. @throws TakingsError `invalid` too when the database has another one. */
  registerAll(): Promise<void>;
  /** Reads the accounts that other processes have stored, then stores those that the settings name and nobody has stored. */
  refresh(): Promise<void>;
  /** Stores these sources, and their accounts if the settings name them, where they are not known yet. */
  learn(sources: Iterable<string>): Promise<void>;
};

/** Creates the accounts; none is known yet. */
export function createKnownAccounts({
  pool,
  configured,
  untilNamed,
  log,
}: KnownAccountsDependencies): KnownAccounts {
  const known = new Map<string, string | undefined>();
  const adopt = ({ accounts, remarks }: PlatformAccounts): void => {
    for (const remark of remarks) log.info({ remark }, "platform_account");
    for (const [source, account] of accounts) known.set(source, account);
  };
  const adoptStored = async (): Promise<void> => {
    const { accounts } = await readPlatformAccounts(pool, named(known));
    const remarks = [...named(accounts)]
      .filter(([source, account]) => known.get(source) !== account)
      .map(([source, account]) => `another process stored ${account} as that of source ${source}`);
    adopt({ accounts, remarks });
  };
  const register = async (source: string, account: string): Promise<void> => {
    try {
      adopt(await registerPlatformAccounts(pool, new Map([...named(known), [source, account]])));
    } catch (error) {
      if (!isMismatch(error)) throw error;
      // Another process was first with another one, which counts here too.
      log.error(
        { source, reason: error instanceof Error ? error.message : error },
        "platform_account_refused",
      );
      await adoptStored();
    }
  };
  const registerNew = async (sources: Iterable<string>): Promise<void> => {
    const wanted = configured();
    for (const source of sources) {
      const account = wanted.get(source);
      if (account !== undefined && known.get(source) === undefined) await register(source, account);
    }
  };
  return {
    accountOf: (source) => known.get(source),
    registerAll: async () => adopt(await registerPlatformAccounts(pool, configured())),
    async refresh() {
      await adoptStored();
      await registerNew(configured().keys());
    },
    async learn(sources) {
      const added = [...sources].filter((source) => !known.has(source));
      if (added.length > 0) {
        if (!(await untilNamed(added))) return;
        // With their accounts at once, so that no other process sees them without.
        await registerNew(added);
        await registerSources(
          pool,
          added.map((source) => ({ source })),
        );
        await adoptStored();
      }
      await registerNew(sources);
    },
  };
}

/** Whether two accounts differ, and not only the database is away. */
export function isMismatch(error: unknown): boolean {
  return error instanceof TakingsError && error.code === "invalid";
}

function named(accounts: ReadonlyMap<string, string | undefined>): ConfiguredAccounts {
  return new Map(
    [...accounts].flatMap(([source, account]) => (account === undefined ? [] : [[source, account] as const])),
  );
}
