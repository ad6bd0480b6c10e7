import { type GapFilter, parseGapPosition, type OpenGap, type Page } from "@takings/domain";
import type { Pool } from "pg";
import { z } from "zod";
import { momentText } from "./moment-text.ts";
import { runRead } from "./run-read.ts";

const text = `
  select kind, object_id, payment_intent, amount::text as amount, currency, ${momentText("seen_at")} as seen_at_text,
    event_id, nullif(account, '') as account, livemode
  from takings.open_gaps()
  where livemode = $1::boolean
    and ($2::text = '*' or account = $2::text)
    and ($3::text is null or kind = $3::text)
    and (
      $4::timestamptz is null
      or (seen_at, object_id, kind, account) > ($4::timestamptz, $5::text, $6::text, $7::text)
    )
  order by seen_at, object_id, kind, account
  limit $8`;

const gapRow = z.object({
  kind: z.enum(["payment", "refund"]),
  object_id: z.string(),
  payment_intent: z.string().nullable(),
  amount: z.string(),
  currency: z.string(),
  seen_at_text: z.string(),
  event_id: z.string(),
  account: z.string().nullable(),
  livemode: z.boolean(),
});

function parseGapRow(row: unknown): OpenGap {
  const parsed = gapRow.parse(row);
  return {
    kind: parsed.kind,
    objectId: parsed.object_id,
    paymentIntent: parsed.payment_intent,
    amount: BigInt(parsed.amount),
    currency: parsed.currency,
    seenAt: parsed.seen_at_text,
    eventId: parsed.event_id,
    account: parsed.account,
    livemode: parsed.livemode,
  };
}

/**
 * A page of the gaps that have been open for an hour, beginning after `page.after`; see `PaymentReader.gaps`.
 * @throws TakingsError `unavailable`
 */
export function readGaps(pool: Pool, filter: GapFilter, page: Page): Promise<OpenGap[]> {
  const after = page.after && parseGapPosition(page.after.id);
  const values = [
    filter.livemode,
    filter.account ?? "",
    filter.kind ?? null,
    page.after?.time ?? null,
    after?.objectId ?? null,
    after?.kind ?? null,
    after?.account ?? "",
    page.limit,
  ];
  return runRead(pool, { what: "gaps", text, values, parse: parseGapRow });
}
