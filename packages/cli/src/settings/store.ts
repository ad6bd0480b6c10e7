import { defaultSource } from "@takings/domain";
import type { ConfiguredAccounts } from "@takings/postgres";
import { accountId } from "@takings/runtime";
import { databaseSettings } from "./database.ts";

/** The settings of commands that read the bodies of stored events. */
export const storeSettings = databaseSettings.extend({
  STRIPE_ACCOUNT_ID: accountId().optional(),
});

/** How the help of these commands describes `STRIPE_ACCOUNT_ID`. */
export const accountHelp = "the platform's own account id, if the database does not record it yet";

/** The account of the default source. Those of the others are in the database: the consumer stores them. */
export function configuredAccounts({
  STRIPE_ACCOUNT_ID: account,
}: {
  readonly STRIPE_ACCOUNT_ID?: string | undefined;
}): ConfiguredAccounts {
  return new Map(account === undefined ? [] : [[defaultSource, account]]);
}
