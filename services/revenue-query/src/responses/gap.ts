import type { OpenGap } from "@takings/domain";
import { z } from "zod";
import { account, instant, source } from "./fields.ts";
import { type Money, money, moneyOf } from "./money.ts";

/** A gap in a response. */
export type Gap = {
  readonly kind: OpenGap["kind"];
  readonly object_id: string;
  readonly payment_intent: string | null;
  readonly amount: Money;
  readonly currency: string;
  readonly seen_at: string;
  readonly event_id: string;
  readonly source: string;
  readonly account: string | null;
  readonly livemode: boolean;
};

/** Schema of {@link Gap}. */
export const gap: z.ZodType<Gap> = z
  .object({
    kind: z.enum(["payment", "refund"]),
    object_id: z.string().meta({ description: "The charge." }),
    payment_intent: z.string().nullable(),
    amount: money.meta({ description: "The amount missing from all totals; positive." }),
    currency: z.string(),
    seen_at: instant.meta({ description: "When the earliest event that shows the gap was created." }),
    event_id: z.string().meta({ description: "The earliest event that shows the gap." }),
    source,
    account,
    livemode: z.boolean(),
  })
  .meta({ id: "Gap", description: "Money that moved, but whose event was never delivered." });

/** Converts a gap to its response form. */
export function gapOf(open: OpenGap): Gap {
  return {
    kind: open.kind,
    object_id: open.objectId,
    payment_intent: open.paymentIntent,
    amount: moneyOf(open.amount, open.currency),
    currency: open.currency,
    seen_at: open.seenAt,
    event_id: open.eventId,
    source: open.source,
    account: open.account,
    livemode: open.livemode,
  };
}
