import type { z } from "zod";
import { source } from "./fields.ts";
import { heading } from "./heading.ts";
import { type BalanceStanding, balanceStanding } from "./balance-standing.ts";

/** The fields in which an answer about the balance repeats its query, and how far to trust it. */
export type BalanceHeading = BalanceStanding & {
  readonly timezone: string;
  readonly account: string | null;
  readonly livemode: boolean;
  readonly source: string;
  readonly as_of: string;
};

/** The fields of a {@link BalanceHeading}, to be spread into the schema of a response. */
export const balanceHeading: { readonly [Name in keyof BalanceHeading]: z.ZodType<BalanceHeading[Name]> } = {
  timezone: heading.timezone,
  account: heading.account,
  livemode: heading.livemode,
  source,
  as_of: heading.as_of,
  ...balanceStanding,
};
