import { accountId } from "@takings/runtime";
import { databaseSettings } from "./database.ts";

/** The settings of commands that read the bodies of stored events. */
export const storeSettings = databaseSettings.extend({
  STRIPE_ACCOUNT_ID: accountId().optional(),
});

/** How the help of these commands describes `STRIPE_ACCOUNT_ID`. */
export const accountHelp = "the platform's own account id, if the database does not record it yet";
