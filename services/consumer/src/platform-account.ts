import { TakingsError } from "@takings/domain";
import { registerPlatformAccount, readPlatformAccount } from "@takings/postgres";
import type { Logger } from "@takings/runtime";
import { pause } from "./pause.ts";

type Pool = Parameters<typeof registerPlatformAccount>[0];

export type AccountDependencies = {
  readonly pool: Pool;
  /** What the environment says. */
  readonly configured: string | undefined;
  readonly stopping: AbortSignal;
  readonly log: Logger;
};

const pauseMs = 1_000;

/** The platform's own account; `undefined` where nobody has named it. */
export type KnownAccount = { readonly account: string | undefined };

/**
 * Finds out which account is the platform's own, before anything is counted; waits while the database is away.
 * Resolves with `undefined` when it is time to stop.
 * @throws TakingsError `invalid` when the store names another account than the environment.
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
      if (error instanceof TakingsError && error.code === "invalid") throw error;
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ reason, pause_ms: pauseMs }, "platform_account_unknown");
      await pause(pauseMs, stopping);
    }
  }
  return undefined;
}

/**
 * Looks whether the store still names the account that this process counts with.
 * @throws TakingsError `invalid` when it does not any more: whoever goes on would count for the wrong account.
 */
export async function verifyPlatformAccount(pool: Pool, { account }: KnownAccount): Promise<void> {
  const stored = await readPlatformAccount(pool, account);
  if (stored.account === account) return;
  throw new TakingsError(
    "invalid",
    `the store names ${stored.account} as the platform's own account now, and this process counts without it: start it again`,
  );
}
