import { eventually } from "@takings/testkit";

/** An amount as it is answered. */
type AnsweredMoney = { readonly minor: string; readonly major: string };

export type ApiTotal = {
  readonly currency: string;
  readonly exponent: number;
  readonly gross: AnsweredMoney;
  readonly refunded: AnsweredMoney;
  readonly disputed: AnsweredMoney;
  readonly net: AnsweredMoney;
  readonly counts: { readonly payments: number; readonly refunds: number; readonly disputes: number };
};

type AnsweredRevenue = {
  readonly from: string | null;
  readonly to: string | null;
  readonly as_of: string;
  readonly totals: readonly ApiTotal[];
};

export type ApiSeries = {
  readonly from: string | null;
  readonly to: string | null;
  readonly buckets: readonly {
    readonly start: string;
    readonly end: string;
    readonly totals: readonly ApiTotal[];
  }[];
};

export type ApiEntry = {
  readonly id: string;
  readonly kind: string;
  readonly amount: AnsweredMoney;
  readonly currency: string;
  readonly occurred_at: string;
  readonly recorded_at: string;
  readonly object_id: string;
  readonly payment_intent: string | null;
  readonly event_id: string;
  readonly account: string | null;
  readonly livemode: boolean;
};

export type ApiEvent = {
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

type Parameters = { readonly [name: string]: string | number | boolean | undefined };

/** Reads revenue-query. Every method rejects with the status and body of any answer that is not 200. */
export type RevenueReader = {
  revenue(parameters: Parameters): Promise<AnsweredRevenue>;
  series(parameters: Parameters): Promise<ApiSeries>;
  /** All pages. */
  ledger(parameters: Parameters): Promise<ApiEntry[]>;
  /** All pages. */
  events(parameters: Parameters): Promise<ApiEvent[]>;
  event(id: string): Promise<ApiEvent & { readonly payload: string }>;
  payment(intent: string): Promise<{ readonly entries: ApiEntry[]; readonly events: ApiEvent[] }>;
};

/** A reader of the revenue-query at `url`, for example `http://127.0.0.1:8081`. */
export function createRevenueReader(url: string): RevenueReader {
  const get = async <T>(path: string, parameters: Parameters = {}): Promise<T> => {
    const target = new URL(`/v1/${path}`, url);
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== undefined) target.searchParams.set(name, String(value));
    }
    const response = await fetch(target);
    const body = await response.text();
    if (response.status !== 200) throw new Error(`GET ${target.href} answered ${response.status}: ${body}`);
    return JSON.parse(body);
  };
  const allPages = async <T>(path: "ledger" | "events", parameters: Parameters): Promise<T[]> => {
    const items: T[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page: { [list: string]: unknown } = await get(path, { limit: 1000, ...parameters, cursor });
      items.push(...(page[path === "ledger" ? "entries" : "events"] as T[]));
      cursor = page["next_cursor"] as string | null;
    }
    return items;
  };
  return {
    revenue: (parameters) => get("revenue", parameters),
    series: (parameters) => get("revenue/series", parameters),
    ledger: (parameters) => allPages("ledger", parameters),
    events: (parameters) => allPages("events", parameters),
    event: (id) => get(`events/${encodeURIComponent(id)}`),
    payment: (intent) => get(`payments/${encodeURIComponent(intent)}`),
  };
}

/** Waits until every one of the events can be read: the consumer has caught up. The last one sent is asked first. */
export async function untilRecorded(
  reader: RevenueReader,
  eventIds: ReadonlySet<string>,
  withinMs: number,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  const last = [...eventIds].at(-1);
  if (last !== undefined) await eventually(`the record of ${last}`, () => reader.event(last), withinMs);
  const isThere = async (): Promise<boolean> => {
    const known = new Set((await reader.events({})).map(({ event_id }) => event_id));
    const missing = eventIds.difference(known);
    if (missing.size === 0) return true;
    throw new Error(`${missing.size} of ${eventIds.size} events are missing, among them ${[...missing][0]}`);
  };
  await eventually("the record of every accepted event", isThere, Math.max(1_000, deadline - Date.now()));
}
