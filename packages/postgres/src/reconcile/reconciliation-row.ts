import type { ReconciledScope, Reconciliation } from "@takings/domain";
import type { Pool } from "pg";
import { z } from "zod";
import { momentText } from "../columns/moment-text.ts";
import { runRead } from "../session/run-read.ts";

/** The columns that {@link parseReconciliationRow} reads. */
export const reconciliationColumns: string = `
  ${momentText("complete_from")} as complete_from_text, ${momentText("complete_through")} as complete_through_text,
  missing, different, ${momentText("finished_at")} as finished_at_text`;

const row = z.object({
  complete_from_text: z.string(),
  complete_through_text: z.string(),
  missing: z.coerce.number(),
  different: z.coerce.number(),
  finished_at_text: z.string(),
});
const unfinished = z.object({ finished_at_text: z.null() });
const scopeRow = z.object({
  source: z.string(),
  account: z.string(),
  livemode: z.boolean(),
  platform_account: z.string().nullable(),
});

/** Parses a row of {@link reconciliationColumns}; `undefined` where no run has finished yet. */
export function parseReconciliationRow(columns: unknown): Reconciliation | undefined {
  if (unfinished.safeParse(columns).success) return undefined;
  const parsed = row.parse(columns);
  return {
    completeFrom: parsed.complete_from_text,
    completeThrough: parsed.complete_through_text,
    missing: parsed.missing,
    different: parsed.different,
    finishedAt: parsed.finished_at_text,
  };
}

const text = `
  select source, account, livemode, stripe_account_id as platform_account, ${reconciliationColumns}
  from takings.reconciliations left join takings.sources on name = source
  where finished_at is not null order by source, account, livemode`;

/** How far each scope was compared with Stripe. @throws TakingsError `unavailable` */
export function readReconciliations(pool: Pool): Promise<readonly ReconciledScope[]> {
  const parse = (columns: unknown): ReconciledScope => {
    const { source, account, livemode, platform_account: platformAccount } = scopeRow.parse(columns);
    const known = parseReconciliationRow(columns);
    if (known === undefined)
      throw new Error("takings.reconciliations returned a row of a run that has not finished");
    return { source, account: account === "" ? null : account, livemode, platformAccount, ...known };
  };
  return runRead(pool, { what: "the reconciliations", text, values: [], parse });
}
