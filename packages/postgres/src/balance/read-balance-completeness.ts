import type { BalanceScope, ScopeCompleteness } from "@takings/domain";
import type { Pool } from "pg";
import { z } from "zod";
import { momentText } from "../columns/moment-text.ts";
import { runRead } from "../session/run-read.ts";
import { isChosenAccount, isChosenSource } from "../columns/scope-conditions.ts";

const completenessText = `
  select source, nullif(account, '') as account, livemode, stripe_account_id, ${momentText("complete_from")} as complete_from_text,
    ${momentText("complete_through")} as complete_through_text,
    ${momentText("complete_recorded_at")} as complete_recorded_at_text
  from takings.balance_syncs left join takings.sources on name = source`;

const completenessRow = z.object({
  source: z.string(),
  account: z.string().nullable(),
  livemode: z.boolean(),
  stripe_account_id: z.string().nullable(),
  complete_from_text: z.string().nullable(),
  complete_through_text: z.string().nullable(),
  complete_recorded_at_text: z.string().nullable(),
});

function parseCompletenessRow(row: unknown): ScopeCompleteness {
  const parsed = completenessRow.parse(row);
  const { source, account, livemode, stripe_account_id: platformAccount } = parsed;
  const scope = { source, account, livemode, platformAccount };
  const { complete_from_text: completeFrom, complete_through_text: completeThrough } = parsed;
  const recordedAt = parsed.complete_recorded_at_text;
  if (completeThrough === null || recordedAt === null) return { ...scope, known: undefined };
  return { ...scope, known: { completeFrom, completeThrough, recordedAt } };
}

/**
 * How far each scope is complete, for those that `takings balance sync` was ever asked to read.
 * @throws TakingsError `unavailable`
 */
export function readBalanceCompleteness(pool: Pool): Promise<ScopeCompleteness[]> {
  return runRead(pool, {
    what: "how far the balance is complete",
    text: completenessText,
    values: [],
    parse: parseCompletenessRow,
  });
}

const quarantinedText = `
  select count(*) as quarantined
  from takings.events join takings.sources on name = source
  where status = 'quarantined' and dismissed_at is null and recorded_at <= $1::timestamptz
    and type in ('takings.balance_transaction', 'takings.payout')
    -- Where the mode of a reading could not be read, it may be of either, and without an account of any.
    and (livemode is null or livemode = $2::boolean)
    and ${isChosenSource("$4")}
    and (${isChosenAccount("$3", "coalesce(account, '')")} or livemode is null and account is null)`;

const quarantinedRow = z.object({ quarantined: z.coerce.number() });

/**
 * See `BalanceReader.quarantined`.
 * @throws TakingsError `unavailable`
 */
export async function readQuarantinedReadings(
  pool: Pool,
  { asOf, livemode, source, account }: Omit<BalanceScope, "currency">,
): Promise<number> {
  const [found] = await runRead(pool, {
    what: "the number of quarantined readings",
    text: quarantinedText,
    values: [asOf, livemode, account ?? "", source],
    parse: (row) => quarantinedRow.parse(row),
  });
  return found?.quarantined ?? 0;
}
