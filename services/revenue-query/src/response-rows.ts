import type { LedgerEntry, OpenGap, StoredEvent } from "@takings/domain";
import type { Entry, EventSummary, Gap } from "./responses.ts";
import { moneyOf } from "./totals.ts";

/** A ledger entry as it is shown. */
export function entryOf(entry: LedgerEntry): Entry {
  return {
    id: entry.id,
    kind: entry.kind,
    amount: moneyOf(entry.amount, entry.currency),
    currency: entry.currency,
    occurred_at: entry.occurredAt,
    recorded_at: entry.recordedAt,
    object_id: entry.objectId,
    payment_intent: entry.paymentIntent,
    event_id: entry.eventId,
    account: entry.account,
    livemode: entry.livemode,
  };
}

/** An event as it is shown, without its body. */
export function eventSummaryOf(event: StoredEvent): EventSummary {
  return {
    event_id: event.eventId,
    type: event.type,
    created: event.created,
    received_at: event.receivedAt,
    livemode: event.livemode,
    account: event.account,
    object_id: event.objectId,
    status: event.status,
    reason: event.reason,
  };
}

/** A gap as it is shown. */
export function gapOf(gap: OpenGap): Gap {
  return {
    kind: gap.kind,
    object_id: gap.objectId,
    payment_intent: gap.paymentIntent,
    amount: moneyOf(gap.amount, gap.currency),
    currency: gap.currency,
    seen_at: gap.seenAt,
    event_id: gap.eventId,
    account: gap.account,
    livemode: gap.livemode,
  };
}
