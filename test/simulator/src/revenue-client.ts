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

type Parameters = { readonly [name: string]: string | number | boolean | undefined };

/** A response of revenue-query other than 200, or none: then `status` is 0 and `cause` says why. */
export class RevenueQueryError extends Error {
  override readonly name = "RevenueQueryError";
  readonly status: number;
  readonly body: string;
  constructor(url: string, status: number, body: string, options?: ErrorOptions) {
    super(`GET ${url} got ${status === 0 ? "no response" : `${status}: ${body}`}`, options);
    this.status = status;
    this.body = body;
  }
}

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

export type RevenueClientSettings = {
  /** The bearer token, where one is needed. */
  readonly token?: string | undefined;
  readonly timeoutMs?: number;
};

const defaultTimeoutMs = 60_000;

/** Creates a client of the revenue-query at `url`, such as `http://127.0.0.1:8081`. */
export function createRevenueClient(url: string, settings: RevenueClientSettings = {}): RevenueClient {
  const { token, timeoutMs = defaultTimeoutMs } = settings;
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  async function get<T>(path: string, parameters: Parameters = {}): Promise<T> {
    const target = new URL(`${url}/v1/${path}`);
    for (const [name, value] of Object.entries(parameters))
      if (value !== undefined) target.searchParams.set(name, String(value));
    const { status, body } = await fetchText(target, headers, timeoutMs);
    if (status !== 200) throw new RevenueQueryError(target.href, status, body);
    return JSON.parse(body) as T;
  }
  async function allPages<T>(path: "ledger" | "events", parameters: Parameters): Promise<T[]> {
    const items: T[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page: { [list: string]: unknown } = await get(path, { limit: 1000, ...parameters, cursor });
      items.push(...(page[path === "ledger" ? "entries" : "events"] as T[]));
      cursor = page["next_cursor"] as string | null;
    }
    return items;
  }
  return {
    revenue: (parameters) => get("revenue", parameters),
    series: (parameters) => get("revenue/series", parameters),
    ledger: (parameters) => allPages("ledger", parameters),
    events: (parameters) => allPages("events", parameters),
    event: (id) => get(`events/${encodeURIComponent(id)}`),
    payment: (intent) => get(`payments/${encodeURIComponent(intent)}`),
  };
}

async function fetchText(
  url: URL,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<{ readonly status: number; readonly body: string }> {
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) });
    return { status: response.status, body: await response.text() };
  } catch (error) {
    throw new RevenueQueryError(url.href, 0, "", { cause: error });
  }
}
