import { defaultSource } from "@takings/domain";
import type { ConfiguredAccounts } from "@takings/postgres";
import { type FileListener, followSources, type Logger, type SourcesCheck } from "@takings/runtime";

/** What the environment says about the platform's own accounts. */
export type AccountSettings = {
  /** That of the default source. */
  readonly stripeAccountId: string | undefined;
  /** The file that names those of the other sources. */
  readonly sourcesFile: string | undefined;
};

/** What {@link followConfiguredAccounts} depends on. */
export type ConfiguredAccountsDependencies = {
  /** With which account events of a source were counted; `undefined` where none is known. */
  readonly accountOf: (source: string) => string | undefined;
  /** Told whether the file is in use, at the start and after each change. */
  readonly onFile: FileListener;
  readonly log: Logger;
};

/**
 * The platform's own accounts that the settings name, by source; the file of sources is followed. A changed file is refused
 * where it names another account than the one with which events were counted.
 * @throws ConfigError when the file cannot be used at the start.
 */
export function followConfiguredAccounts(
  { stripeAccountId, sourcesFile }: AccountSettings,
  { accountOf, onFile, log }: ConfiguredAccountsDependencies,
): () => ConfiguredAccounts {
  const own = stripeAccountId === undefined ? [] : [[defaultSource, stripeAccountId] as const];
  if (sourcesFile === undefined) return () => new Map(own);
  const check: SourcesCheck = (sources) =>
    [...sources].flatMap(([name, { accountId: account }]) => {
      const known = accountOf(name);
      if (account === undefined) return [];
      if (account === stripeAccountId)
        return [`source ${name}: account_id: ${account} is also STRIPE_ACCOUNT_ID`];
      return known === undefined || known === account ? [] : [differing(name, account, known)];
    });
  const sources = followSources(sourcesFile, log, onFile, check);
  return () =>
    new Map([
      ...own,
      ...[...sources()].flatMap(([name, { accountId }]) =>
        accountId === undefined ? [] : [[name, accountId] as const],
      ),
    ]);
}

function differing(name: string, account: string, known: string): string {
  return (
    `source ${name}: account_id: is ${account}, but the events of this source were counted with ${known}: set it to that ` +
    `or remove it, or stop the consumers and run takings rebuild --change-account --source ${name}`
  );
}
