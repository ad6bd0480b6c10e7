import { defaultSource } from "@takings/domain";
import type { ConfiguredAccounts } from "@takings/postgres";
import { ConfigError, type FileListener, followSources, type Logger, type Sources } from "@takings/runtime";

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
  /** Told whether all of the file is in use, at the start and after each change. */
  readonly onFile: FileListener;
  readonly log: Logger;
};

/** The platform's own accounts that the settings name; the file of sources is followed. */
export type FollowedSettings = {
  /** The accounts that may be used, by source. */
  accounts(): ConfiguredAccounts;
  /** Whether the file may yet say something about a source: there is a file, and the source is not in it. */
  mayStillName(source: string): boolean;
};

/**
 * Follows the accounts in the settings. The account of a source is refused, and those of the others used, where it differs
 * from the one with which events were counted, or is that of the default source.
 * @throws ConfigError when the file cannot be used at the start, or names the account of the default source.
 */
export function followConfiguredAccounts(
  { stripeAccountId, sourcesFile }: AccountSettings,
  { accountOf, onFile, log }: ConfiguredAccountsDependencies,
): FollowedSettings {
  const own = stripeAccountId === undefined ? [] : [[defaultSource, stripeAccountId] as const];
  if (sourcesFile === undefined) return { accounts: () => new Map(own), mayStillName: () => false };
  let isUsable = true;
  const sources = followSources(sourcesFile, log, (usable) => {
    isUsable = usable;
  });
  const judge = (): Judged => judgeAccounts(sources(), accountOf, stripeAccountId);
  const atTheStart = judge().refused;
  if (atTheStart.size > 0)
    throw new ConfigError([...atTheStart.values()].map((reason) => `STRIPE_SOURCES_FILE: ${reason}`));
  const report = createReport({ onFile, log });
  report(isUsable, new Map());
  return {
    accounts() {
      const { accepted, refused } = judge();
      report(isUsable, refused);
      return new Map([...own, ...accepted]);
    },
    mayStillName: (source) => !sources().has(source),
  };
}

type Judged = {
  readonly accepted: ConfiguredAccounts;
  /** Why the accounts of these sources are not used, by source. */
  readonly refused: ReadonlyMap<string, string>;
};

function judgeAccounts(
  sources: Sources,
  accountOf: (source: string) => string | undefined,
  stripeAccountId: string | undefined,
): Judged {
  const accepted = new Map<string, string>();
  const refused = new Map<string, string>();
  for (const [name, { accountId: account }] of sources) {
    if (account === undefined) continue;
    const known = accountOf(name);
    if (known !== undefined && known !== account) refused.set(name, differing(name, account, known));
    else if (account === stripeAccountId)
      refused.set(name, `source ${name}: account_id: ${account} is also STRIPE_ACCOUNT_ID`);
    else if (account === accountOf(defaultSource))
      refused.set(name, `source ${name}: account_id: ${account} is that of the source default`);
    else accepted.set(name, account);
  }
  return { accepted, refused };
}

/** Reports what is refused whenever that changes. */
function createReport({
  onFile,
  log,
}: Pick<ConfiguredAccountsDependencies, "onFile" | "log">): (
  isUsable: boolean,
  refused: Judged["refused"],
) => void {
  let reported: Judged["refused"] = new Map();
  let wasInUse: boolean | undefined;
  return (isUsable, refused) => {
    for (const [source, reason] of refused)
      if (reported.get(source) !== reason) log.error({ source, reason }, "platform_account_refused");
    reported = refused;
    const isInUse = isUsable && refused.size === 0;
    if (isInUse !== wasInUse) onFile(isInUse);
    wasInUse = isInUse;
  };
}

function differing(name: string, account: string, known: string): string {
  return (
    `source ${name}: account_id: is ${account}, but the events of this source were counted with ${known}: set it to that ` +
    `or remove it, or stop the consumers and run takings rebuild --change-account --source ${name}`
  );
}
