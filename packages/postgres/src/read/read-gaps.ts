import { type GapFilter, parseGapPosition, type OpenGap, type Page } from "@takings/domain";
import type { Pool } from "pg";
import { z } from "zod";
import { momentText } from "../columns/moment-text.ts";
import { isInAnySource } from "../columns/scope-conditions.ts";
import { writeError } from "../session/database-errors.ts";
import { runRead } from "../session/run-read.ts";
import { platformsOf } from "./platforms-of.ts";

const listText = (platforms: string | undefined): string => `
  select kind, object_id, payment_intent, amount::text as amount, currency, ${momentText("seen_at")} as seen_at_text,
    event_id, source, nullif(account, '') as account, livemode
  from takings.open_gaps() as gaps
  where livemode = $1::boolean
    and ${isInAnySource("$9", "$2", platforms)}
    and ($3::text is null or kind = $3::text)
    and (
      $4::timestamptz is null
      or (seen_at, object_id, kind, account, source) > ($4::timestamptz, $5::text, $6::text, $7::text, $8::text)
    )
  order by seen_at, object_id, kind, gaps.account, source
  limit $10`;

const gapRow = z.object({
  kind: z.enum(["payment", "refund"]),
  object_id: z.string(),
  payment_intent: z.string().nullable(),
  amount: z.string(),
  currency: z.string(),
  seen_at_text: z.string(),
  event_id: z.string(),
  source: z.string(),
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
    source: parsed.source,
    account: parsed.account,
    livemode: parsed.livemode,
  };
}

/**
 * A page of the gaps that have been open for an hour, beginning after `page.after`; see `PaymentReader.gaps`.
 * @throws TakingsError `unavailable`
 */
export async function readGaps(pool: Pool, filter: GapFilter, page: Page): Promise<OpenGap[]> {
  const platforms = await platformsOf(pool, filter.account);
  const after = page.after && parseGapPosition(page.after.id);
  const values = [
    filter.livemode,
    filter.account ?? "",
    filter.kind ?? null,
    page.after?.time ?? null,
    after?.objectId ?? null,
    after?.kind ?? null,
    after?.account ?? "",
    after?.source ?? null,
    filter.source,
    page.limit,
    ...(platforms === undefined ? [] : [platforms]),
  ];
  const text = listText(platforms && "$11");
  return runRead(pool, { what: "gaps", text, values, parse: parseGapRow });
}

const countText = `
  select name as source, count(*) filter (where kind = 'payment') as payment,
    count(*) filter (where kind = 'refund') as refund
  from takings.sources left join takings.open_gaps() on source = name
  group by name`;
const countRow = z.object({
  source: z.string(),
  payment: z.coerce.number(),
  refund: z.coerce.number(),
});

/** The number of open gaps of each kind in a source, in all its accounts and both modes. */
export type GapCounts = Readonly<Record<OpenGap["kind"], number>> & { readonly source: string };

/**
 * Counts the open gaps of each source, of those without gaps too.
 * @throws TakingsError `unavailable`
 */
export async function countOpenGaps(pool: Pool): Promise<readonly GapCounts[]> {
  try {
    const { rows } = await pool.query<Record<string, unknown>>(countText);
    return rows.map((row) => countRow.parse(row));
  } catch (error) {
    throw writeError(error, "counting the open gaps");
  }
}
