import { createPeriodicCheck, type Logger, pause } from "@takings/runtime";
import {
  createKnownAccounts,
  isMismatch,
  type KnownAccounts,
  type KnownAccountsDependencies,
} from "./known-accounts.ts";

/** What {@link followPlatformAccounts} depends on. */
export type AccountDependencies = KnownAccountsDependencies & {
  readonly stopping: AbortSignal;
  /** Called when the database has another account than before: this process would count events for the wrong account. */
  readonly onChanged: (error: unknown) => void;
};

/** The platform's own account of each source, as the database has it: nothing is counted with any other. */
export type FollowedAccounts = Pick<KnownAccounts, "accountOf"> & {
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
export function followPlatformAccounts({
  stopping,
  onChanged,
  ...dependencies
}: AccountDependencies): FollowedAccounts {
  const { log } = dependencies;
  const known = createKnownAccounts(dependencies);
  const check = createPeriodicCheck({
    check: known.refresh,
    intervalMs: watchIntervalMs,
    onFailure(reason, error) {
      if (isMismatch(error)) onChanged(error);
      else log.warn({ reason }, "platform_account_unknown");
    },
  });
  return {
    accountOf: known.accountOf,
    async start() {
      const isKnown = await untilDone(known.registerAll, stopping, log);
      if (isKnown) check.start();
      return isKnown;
    },
    learn: known.learn,
    stop: check.stop,
  };
}

/** Repeats the work while the database is away. Resolves with `false` when the service is stopping. */
async function untilDone(work: () => Promise<void>, stopping: AbortSignal, log: Logger): Promise<boolean> {
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
