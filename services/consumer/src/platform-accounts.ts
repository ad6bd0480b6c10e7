import { TakingsError } from "@takings/domain";
import {
  type ConfiguredAccounts,
  type PlatformAccounts,
  readPlatformAccounts,
  registerPlatformAccounts,
  registerSources,
} from "@takings/postgres";
import { createPeriodicCheck, type Logger, pause } from "@takings/runtime";

type Pool = Parameters<typeof registerPlatformAccounts>[0];

/** What {@link followPlatformAccounts} depends on. */
export type AccountDependencies = {
  readonly pool: Pool;
  /** The accounts that the settings name now, by source. */
  readonly configured: () => ConfiguredAccounts;
  readonly stopping: AbortSignal;
  /** Called when the database has another account than before: this process would count events for the wrong account. */
  readonly onChanged: (error: unknown) => void;
  readonly log: Logger;
};

/** The platform's own account of each source, as the database has it: nothing is counted with any other. */
export type FollowedAccounts = {
  /** `undefined` where none is known. */
  accountOf(source: string): string | undefined;
  /**
   * Determines the accounts before anything is counted, and watches them from then on; waits while the database is away.
   * Resolves with `false` when the service is stopping.
   * @throws TakingsError `invalid` when the database has another account than the settings.
   */
  start(): Promise<boolean>;
  /**
   * Resolves when the accounts of these sources are known, so that the first event of a source that was just added is
   * counted with it. @throws TakingsError `unavailable`
   */
  learn(sources: ReadonlySet<string>): Promise<void>;
  stop(): void;
};

const retryPauseMs = 1_000;
const watchIntervalMs = 2_000;

/** Creates the accounts; none is known before the start. */
export function followPlatformAccounts(dependencies: AccountDependencies): FollowedAccounts {
  const { pool, configured, stopping, onChanged, log } = dependencies;
  const known = new Map<string, string | undefined>();
  const adopt = ({ accounts, remarks }: PlatformAccounts): void => {
    for (const remark of remarks) log.info({ remark }, "platform_account");
    for (const [source, account] of accounts) known.set(source, account);
  };
  const adoptStored = async (): Promise<void> => {
    const { accounts } = await readPlatformAccounts(pool, namedIn(known));
    const remarks = [...accounts].flatMap(([source, account]) =>
      account === undefined || known.get(source) === account ? [] : [`${account} for source ${source}`],
    );
    adopt({ accounts, remarks });
  };
  const register = async (sources: Iterable<string>): Promise<void> => {
    const wanted = configured();
    for (const source of sources) {
      const account = wanted.get(source);
      if (account === undefined || known.get(source) !== undefined) continue;
      try {
        adopt(await registerPlatformAccounts(pool, new Map([...namedIn(known), [source, account]])));
      } catch (error) {
        if (!isMismatch(error)) throw error;
        // Another process was first. That one counts here too.
        log.error(
          { source, reason: error instanceof Error ? error.message : error },
          "platform_account_refused",
        );
        await adoptStored();
      }
    }
  };
  const check = createPeriodicCheck({
    check: async () => {
      await adoptStored();
      await register(configured().keys());
    },
    intervalMs: watchIntervalMs,
    onFailure(reason, error) {
      if (isMismatch(error)) onChanged(error);
      else log.warn({ reason }, "platform_account_unknown");
    },
  });
  return {
    accountOf: (source) => known.get(source),
    async start() {
      const isKnown = await untilKnown(
        async () => adopt(await registerPlatformAccounts(pool, configured())),
        {
          stopping,
          log,
        },
      );
      if (isKnown) check.start();
      return isKnown;
    },
    async learn(sources) {
      const added = [...sources].filter((source) => !known.has(source));
      if (added.length > 0) {
        await registerSources(
          pool,
          added.map((source) => ({ source })),
        );
        await adoptStored();
      }
      await register(sources);
    },
    stop: check.stop,
  };
}

/** Repeats the work while the database is away. Resolves with `false` when the service is stopping. */
async function untilKnown(
  work: () => Promise<void>,
  { stopping, log }: Pick<AccountDependencies, "stopping" | "log">,
): Promise<boolean> {
  while (!stopping.aborted) {
    try {
      await work();
      return true;
    } catch (error) {
      if (isMismatch(error)) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ reason, pause_ms: retryPauseMs }, "platform_account_unknown");
      await pause(retryPauseMs, stopping);
    }
  }
  return false;
}

function namedIn(accounts: ReadonlyMap<string, string | undefined>): ConfiguredAccounts {
  return new Map(
    [...accounts].flatMap(([source, account]) => (account === undefined ? [] : [[source, account] as const])),
  );
}

function isMismatch(error: unknown): boolean {
  return error instanceof TakingsError && error.code === "invalid";
}
