import { type Parameters, type RevenueClientSettings, revenueRequests } from "./revenue-request.ts";

/** An amount as revenue-query writes it. */
type Money = { readonly minor: string; readonly major: string };

export type CurrencyRevenue = {
  readonly currency: string;
  readonly exponent: number;
  readonly gross: Money;
  readonly refunded: Money;
  readonly disputed: Money;
  readonly net: Money;
  readonly counts: { readonly payments: number; readonly refunds: number; readonly disputes: number };
};

export type RevenueResponse = {
  readonly from: string | null;
  readonly to: string | null;
  readonly as_of: string;
  readonly totals: readonly CurrencyRevenue[];
};

export type SeriesResponse = {
  readonly from: string | null;
  readonly to: string | null;
  readonly buckets: readonly {
    readonly start: string;
    readonly end: string;
    readonly totals: readonly CurrencyRevenue[];
  }[];
};

export type LedgerEntry = {
  readonly id: string;
  readonly kind: string;
  readonly amount: Money;
  readonly currency: string;
  readonly occurred_at: string;
  readonly recorded_at: string;
  readonly object_id: string;
  readonly payment_intent: string | null;
  readonly event_id: string;
  readonly account: string | null;
  readonly livemode: boolean;
};

export type ListedEvent = {
  readonly event_id: string;
  readonly type: string;
  readonly created: string;
  readonly received_at: string;
  readonly livemode: boolean | null;
  readonly account: string | null;
  readonly object_id: string | null;
  readonly status: "processed" | "quarantined";
  readonly reason: string | null;
};

/** A client of revenue-query. Every method rejects with a RevenueQueryError unless the response is 200. */
export type RevenueClient = {
  revenue(parameters: Parameters): Promise<RevenueResponse>;
  series(parameters: Parameters): Promise<SeriesResponse>;
  /** All pages. */
  ledger(parameters: Parameters): Promise<LedgerEntry[]>;
  /** All pages. */
  events(parameters: Parameters): Promise<ListedEvent[]>;
  event(id: string): Promise<ListedEvent & { readonly payload: string }>;
  payment(intent: string): Promise<{ readonly entries: LedgerEntry[]; readonly events: ListedEvent[] }>;
};

/** Creates a client of the revenue-query at `url`, such as `http://127.0.0.1:8081`. */
export function createRevenueClient(url: string, settings: RevenueClientSettings = {}): RevenueClient {
  const { get, pages } = revenueRequests(url, settings);
  return {
    revenue: (parameters) => get("revenue", parameters),
    series: (parameters) => get("revenue/series", parameters),
    ledger: (parameters) => Array.fromAsync(pages("ledger", "entries", parameters)),
    events: (parameters) => Array.fromAsync(pages("events", "events", parameters)),
    event: (id) => get(`events/${encodeURIComponent(id)}`),
    payment: (intent) => get(`payments/${encodeURIComponent(intent)}`),
  };
}
