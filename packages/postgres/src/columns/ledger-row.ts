import { entryKinds, type LedgerEntry, type LedgerFilter } from "@takings/domain";
import { z } from "zod";
import { momentText } from "./moment-text.ts";
import { isChosenSource, isInAnySource, isInSource } from "./scope-conditions.ts";

/** The columns that `takings.ledger` and `takings.ledger_superseded` share. */
export const ledgerFields = `
  id, kind, source, account, livemode, object_id, amount, currency, occurred_at, event_id, payment_intent, recorded_at`;

/** The columns that {@link parseLedgerRow} reads. Amounts are text, so that no driver setting can round them. */
export const ledgerColumns: string = `
  id, kind, amount::text as amount, currency, ${momentText("occurred_at")} as occurred_at_text,
  ${momentText("recorded_at")} as recorded_at_text, object_id, payment_intent, event_id,
  source, nullif(account, '') as account, livemode`;

const ledgerRow = z.object({
  id: z.string(),
  kind: z.enum(entryKinds),
  amount: z.string(),
  currency: z.string(),
  occurred_at_text: z.string(),
  recorded_at_text: z.string(),
  object_id: z.string(),
  payment_intent: z.string().nullable(),
  event_id: z.string(),
  source: z.string(),
  account: z.string().nullable(),
  livemode: z.boolean(),
});

/** Parses a row of {@link ledgerColumns}. @throws ZodError when the table has another form. */
export function parseLedgerRow(row: unknown): LedgerEntry {
  const parsed = ledgerRow.parse(row);
  return {
    id: parsed.id,
    kind: parsed.kind,
    amount: BigInt(parsed.amount),
    currency: parsed.currency,
    occurredAt: parsed.occurred_at_text,
    recordedAt: parsed.recorded_at_text,
    objectId: parsed.object_id,
    paymentIntent: parsed.payment_intent,
    eventId: parsed.event_id,
    source: parsed.source,
    account: parsed.account,
    livemode: parsed.livemode,
  };
}

const conditions = `
  livemode = $2::boolean
  and ($4::timestamptz is null or occurred_at >= $4::timestamptz)
  and ($5::timestamptz is null or occurred_at < $5::timestamptz)
  and ($6::text is null or currency = $6::text)`;

/** Selects the sources of a {@link LedgerFilter} from `takings.sources`, for {@link ledgerConditions}. */
export const ledgerSources: string = isChosenSource("$7");

/**
 * The conditions of a {@link LedgerFilter} for the entries of one row of `takings.sources`, given {@link ledgerFilterValues}
 * as `$1` to `$7`; `$1` is the moment, for `takings.ledger_as_of`. The planner sees the values, so a condition that does not
 * apply costs nothing.
 */
export const ledgerConditions: string = `${isInSource("$3")} and ${conditions}`;

/** The same conditions for entries of all sources, in the order of an index that does not begin with the source. */
export function ledgerConditionsOfAnySource(platforms: string | undefined): string {
  return `${isInAnySource("$7", "$3", platforms)} and ${conditions}`;
}

/** The values of {@link ledgerConditions}. The platform's own account is the empty text in the table. */
export function ledgerFilterValues(filter: LedgerFilter): unknown[] {
  return [
    filter.asOf,
    filter.livemode,
    filter.account ?? "",
    filter.from ?? null,
    filter.to ?? null,
    filter.currency ?? null,
    filter.source,
  ];
}
