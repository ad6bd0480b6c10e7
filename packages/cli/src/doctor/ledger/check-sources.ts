import { defaultSource, TakingsError } from "@takings/domain";
import { type ConfiguredAccounts, readPlatformAccounts, readStoredSources } from "@takings/postgres";
import { type Environment, readSources, type Sources } from "@takings/runtime";
import { type Check, faultsOr, type Finding, notAsked, todo } from "../check.ts";
import { type Connections, isSet } from "../connections.ts";
import { databaseCheck } from "../database/database-check.ts";

/** A source that was taken out of the file on purpose has no new events. */
const recentMs = 7 * 86_400_000;

/** Whether the sources of the database are those of the file, with the same accounts. */
export function sourcesCheck(connections: Connections, environment: Environment, now: () => Date): Check {
  return databaseCheck(connections, "ledger/sources", async ({ pool }): Promise<Finding> => {
    const sources = isSet(environment, "STRIPE_SOURCES_FILE")
      ? readSources(environment["STRIPE_SOURCES_FILE"] ?? "")
      : undefined;
    try {
      await readPlatformAccounts(pool, accountsOf(environment, sources));
    } catch (error) {
      if (!(error instanceof TakingsError) || error.code !== "invalid") throw error;
      return todo(error.message, "docs/configuration.md#the-platforms-own-account");
    }
    const stored = await readStoredSources(pool);
    const others = stored.filter(({ name }) => name !== defaultSource && sources?.has(name) !== true);
    if (sources === undefined && others.length > 0)
      return notAsked(
        `STRIPE_SOURCES_FILE is not set here; the database has ${others.map(({ name }) => name).join(", ")}`,
      );
    const names = stored.map(({ name }) => name).join(", ");
    return faultsOr(
      others
        .filter(
          ({ latestEvent }) =>
            latestEvent !== undefined && now().getTime() - latestEvent.getTime() < recentMs,
        )
        .map(
          ({ name }) =>
            `source ${name} had events within a week and is not in STRIPE_SOURCES_FILE, so Stripe gets 404`,
        ),
      "put it back into the file, or remove its endpoint at Stripe",
      `the database has ${names}, as configured`,
    );
  });
}

function accountsOf(environment: Environment, sources: Sources | undefined): ConfiguredAccounts {
  const ofDefault = isSet(environment, "STRIPE_ACCOUNT_ID") ? environment["STRIPE_ACCOUNT_ID"] : undefined;
  const pairs: [string, string | undefined][] = [
    [defaultSource, ofDefault],
    ...[...(sources ?? [])].map(([name, { accountId }]): [string, string | undefined] => [name, accountId]),
  ];
  return new Map(pairs.flatMap(([name, account]) => (account === undefined ? [] : [[name, account]])));
}
