import { accountId } from "@takings/runtime";
import { InvalidArgumentError } from "commander";

/** Parser of an option that may be repeated, each time with a Stripe account id. @throws InvalidArgumentError */
export function accountsOption(account: string, before: readonly string[] = []): readonly string[] {
  if (accountId().safeParse(account).success) return [...before, account];
  throw new InvalidArgumentError("It must be a Stripe account id such as acct_1032D82eZvKYlo2C.");
}
