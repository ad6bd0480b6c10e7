import type { LedgerFilter, PaymentReader } from "@takings/domain";
import { z } from "zod";
import { isInScope } from "../parameters/ledger-filter.ts";
import { instant } from "./fields.ts";

/** How far the ledger behind a response has been reconciled with Stripe's lists. */
export type ReconciliationStatus = {
  readonly complete_from: string;
  readonly complete_through: string;
  readonly missing: number;
  readonly different: number;
  readonly finished_at: string;
};

/** Schema of {@link ReconciliationStatus}. */
export const reconciliationStatus: z.ZodType<ReconciliationStatus | null> = z
  .object({
    complete_from: instant,
    complete_through: instant.meta({
      description: "This ledger holds everything that Stripe lists from `complete_from` until this instant.",
    }),
    missing: z.int().min(0).meta({ description: "Objects that Stripe lists and the ledger still lacks." }),
    different: z
      .int()
      .min(0)
      .meta({ description: "Entries whose amount or currency differs from Stripe's object." }),
    finished_at: instant,
  })
  .nullable()
  .meta({
    description:
      "How far `takings reconcile` has compared this account's ledger with Stripe's lists. Null where it has not run, " +
      "for all accounts or sources together, and for a response as of an earlier instant.",
  });

/**
 * The reconciliation status of the ledger that a current response is about. A run that finished after the read time
 * of the response is left out, because the response may not include what that run added.
 */
export async function reconciliationOf(
  filter: LedgerFilter,
  reader: PaymentReader,
): Promise<ReconciliationStatus | null> {
  if (filter.source === "*" || filter.account === "*") return null;
  const all = await reader.reconciliations();
  const known = all.find((one) => isInScope(one, filter));
  if (known === undefined || Date.parse(known.finishedAt) > Date.parse(filter.asOf)) return null;
  return {
    complete_from: known.completeFrom,
    complete_through: known.completeThrough,
    missing: known.missing,
    different: known.different,
    finished_at: known.finishedAt,
  };
}
