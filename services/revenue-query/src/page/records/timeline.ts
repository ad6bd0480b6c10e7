import { Temporal } from "temporal-polyfill";
import type { Entry } from "../../responses/entry.ts";
import type { EventSummary } from "../../responses/event.ts";
import { type Money, moneyOf } from "../../responses/money.ts";
import { scopeKey } from "./sums.ts";

/** One moment in the life of a payment: an event, or an entry with the net of its account, mode and currency after it. */
export type TimelineRow =
  | {
      readonly moment: string;
      readonly event: EventSummary;
      readonly entry?: undefined;
      readonly netAfter?: undefined;
    }
  | { readonly moment: string; readonly entry: Entry; readonly netAfter: Money; readonly event?: undefined };

/** Merges events and entries, each in order of time already, into one list. Of one moment events are first. */
export function timelineOf(events: readonly EventSummary[], entries: readonly Entry[]): TimelineRow[] {
  const net = new Map<string, bigint>();
  const entryRows = entries.map((entry) => {
    const { currency, amount } = entry;
    const key = `${currency} ${scopeKey(entry)}`;
    const after = (net.get(key) ?? 0n) + BigInt(amount.minor);
    net.set(key, after);
    return { moment: entry.occurred_at, entry, netAfter: moneyOf(after, currency) };
  });
  const eventRows = events.map((event) => ({ moment: event.created, event }));
  // The sort is stable.
  return [...eventRows, ...entryRows].toSorted((a, b) =>
    Temporal.Instant.compare(Temporal.Instant.from(a.moment), Temporal.Instant.from(b.moment)),
  );
}
