import type { LedgerFilter, PaymentReader } from "@takings/domain";
import { z } from "zod";

/** How far the ledger behind an answer has been compared with Stripe's own lists. */
export type ReconciliationResponse = {
  readonly complete_from: string;
  readonly complete_through: string;
  readonly missing: number;
  readonly different: number;
  readonly finished_at: string;
};

const instant = z.string().meta({ format: "date-time" });

export const reconciliationResponse: z.ZodType<ReconciliationResponse | null> = z
  .object({
    complete_from: instant,
    complete_through: instant.meta({
      description: "Everything from `complete_from` until then that Stripe knows of is in this ledger.",
    }),
    missing: z.int().min(0).meta({ description: "What Stripe knows of and the ledger still lacks." }),
    different: z
      .int()
      .min(0)
      .meta({ description: "Entries whose amount or currency is not that of Stripe's object." }),
    finished_at: instant,
  })
  .nullable()
  .meta({
    description:
      "How far this account's ledger has been compared with Stripe's by `takings reconcile`; null where it has not been, " +
      "for all accounts together, and for an answer as of an earlier moment.",
  });

/**
 * What is known of the books that a present answer is about. One that was finished after the answer's moment is not
 * told: what it added may not be in the answer yet.
 */
export async function reconciliationOf(
  { account, livemode, asOf }: LedgerFilter,
  reader: PaymentReader,
): Promise<ReconciliationResponse | null> {
  const all = await reader.reconciliations();
  const known = all.find((one) => one.account === account && one.livemode === livemode);
  if (known === undefined || Date.parse(known.finishedAt) > Date.parse(asOf)) return null;
  return {
    complete_from: known.completeFrom,
    complete_through: known.completeThrough,
    missing: known.missing,
    different: known.different,
    finished_at: known.finishedAt,
  };
}
