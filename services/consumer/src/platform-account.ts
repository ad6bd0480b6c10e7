import { TakingsError } from "@takings/domain";
import { readPlatformAccount, registerPlatformAccount } from "@takings/postgres";
import { createPeriodicCheck, type Logger, pause, type PeriodicCheck } from "@takings/runtime";

type Pool = Parameters<typeof registerPlatformAccount>[0];

/** What {@link resolvePlatformAccount} depends on. */
export type AccountDependencies = {
  readonly pool: Pool;
  /** The account that the environment names. */
  readonly configured: string | undefined;
  readonly stopping: AbortSignal;
  readonly log: Logger;
};

const retryPauseMs = 1_000;
const watchIntervalMs = 2_000;

/** The platform's own account; `undefined` where none is configured. */
export type KnownAccount = { readonly account: string | undefined };

/**
 * Determines the platform's own account before anything is counted; waits while the database is away.
 * Resolves with `undefined` when the service is stopping.
 * @throws TakingsError `invalid` when the database has another account than the environment.
 */
export async function resolvePlatformAccount(
  dependencies: AccountDependencies,
): Promise<KnownAccount | undefined> {
  const { pool, configured, stopping, log } = dependencies;
  while (!stopping.aborted) {
    try {
      const { account, remarks } = await registerPlatformAccount(pool, configured);
      for (const remark of remarks) log.info({ account, remark }, "platform_account");
      return { account };
    } catch (error) {
      if (isMismatch(error)) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ reason, pause_ms: retryPauseMs }, "platform_account_unknown");
      await pause(retryPauseMs, stopping);
    }
  }
  return undefined;
}

/** What {@link watchPlatformAccount} depends on. */
export type AccountWatchDependencies = {
  readonly pool: Pool;
  readonly known: KnownAccount;
  /** Called when the database has another account: this process would then count events for the wrong account. */
  readonly onChanged: (error: unknown) => void;
  readonly log: Logger;
};

/** Checks at once and then at intervals that the database still has the account with which this process counts. */
export function watchPlatformAccount(
  dependencies: AccountWatchDependencies,
): Pick<PeriodicCheck<void>, "stop"> {
  const { pool, known, onChanged, log } = dependencies;
  const check = createPeriodicCheck({
    check: () => verifyPlatformAccount(pool, known),
    intervalMs: watchIntervalMs,
    onFailure(reason, error) {
      if (isMismatch(error)) onChanged(error);
      else log.warn({ reason }, "platform_account_unknown");
    },
  });
  check.start();
  return check;
}

async function verifyPlatformAccount(pool: Pool, { account }: KnownAccount): Promise<void> {
  const stored = await readPlatformAccount(pool, account);
  if (stored.account === account) return;
  throw new TakingsError(
    "invalid",
    `the platform's account in the database is ${stored.account} now; this process counts with ${account ?? "none"}: restart it`,
  );
}

function isMismatch(error: unknown): boolean {
  return error instanceof TakingsError && error.code === "invalid";
}
