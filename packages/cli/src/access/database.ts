import { url } from "@takings/runtime";
import { z } from "zod";

/** The settings of whoever reads bodies again. */
export const storeSettings = z.object({
  DATABASE_URL: url("postgres", "postgresql"),
  STRIPE_ACCOUNT_ID: z
    .string()
    .regex(/^acct_\w+$/, "must be a Stripe account id, acct_…")
    .optional(),
});
