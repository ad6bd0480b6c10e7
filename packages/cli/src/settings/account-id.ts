import { z } from "zod";

/** A Stripe account id. */
export const accountId: z.ZodType<string, string> = z
  .string()
  .regex(/^acct_\w+$/, "must be a Stripe account id such as acct_1032D82eZvKYlo2C");
