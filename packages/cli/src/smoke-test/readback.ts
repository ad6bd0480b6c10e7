import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { Canaries, CanaryTotals } from "./canaries.ts";

/** Where and until when to read. */
export type ReadbackSettings = {
  /** Base URL of revenue-query. */
  readonly revenue: string;
  readonly token: string | undefined;
  readonly source: string;
  /** When to stop waiting, on the scale of `performance.now()`. */
  readonly deadline: number;
};

/** What the installation reports about the canaries. */
export type Observed = {
  readonly stored: ReadonlySet<string>;
  /** Kind and object of each ledger entry; a duplicate entry appears twice. */
  readonly entries: readonly string[];
  readonly counted: CanaryTotals;
};

const money = z.object({ minor: z.string() });
const revenueResponse = z.object({
  totals: z.array(
    z.object({
      currency: z.string(),
      gross: money,
      refunded: money,
      counts: z.object({ payments: z.number(), refunds: z.number() }),
    }),
  ),
});
const ledgerResponse = z.object({
  entries: z.array(z.object({ kind: z.string(), object_id: z.string() })),
  next_cursor: z.string().nullable(),
});

const pauseMs = 250;
const requestTimeoutMs = 15_000;

/** Reads until all canaries are stored and counted, or until the deadline; returns the last state. */
export async function readCanaries(canaries: Canaries, settings: ReadbackSettings): Promise<Observed> {
  const stored = new Set<string>();
  for (;;) {
    for (const { id } of canaries.events) {
      if (
        !stored.has(id) &&
        (await get(`/v1/events/${id}?source=${settings.source}`, settings)) !== undefined
      )
        stored.add(id);
    }
    const found = {
      stored,
      entries: await readEntries(canaries, settings),
      counted: await readTotals(canaries, settings),
    };
    const isComplete = stored.size === canaries.events.length && isCounted(canaries.expected, found.counted);
    if (isComplete || performance.now() + pauseMs > settings.deadline) return found;
    await delay(pauseMs);
  }
}

/** Whether the totals are exactly the expected ones. */
export function isCounted(expected: CanaryTotals, counted: CanaryTotals): boolean {
  return (
    expected.gross === counted.gross &&
    expected.refunded === counted.refunded &&
    expected.payments === counted.payments &&
    expected.refunds === counted.refunds
  );
}

async function readEntries({ account }: Canaries, settings: ReadbackSettings): Promise<string[]> {
  const entries: string[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const after: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const response = await get(`/v1/ledger?${scopeOf(account, settings)}&limit=1000${after}`, settings);
    const page = ledgerResponse.parse(response);
    entries.push(...page.entries.map(({ kind, object_id }) => `${kind} ${object_id}`));
    cursor = page.next_cursor;
  }
  return entries;
}

async function readTotals({ account }: Canaries, settings: ReadbackSettings): Promise<CanaryTotals> {
  const response = await get(`/v1/revenue?${scopeOf(account, settings)}`, settings);
  const total = revenueResponse.parse(response).totals.find(({ currency }) => currency === "usd");
  return {
    gross: BigInt(total?.gross.minor ?? 0),
    refunded: BigInt(total?.refunded.minor ?? 0),
    payments: total?.counts.payments ?? 0,
    refunds: total?.counts.refunds ?? 0,
  };
}

function scopeOf(account: string, { source }: ReadbackSettings): string {
  return `livemode=false&account=${account}&source=${source}`;
}

/** The JSON of a 200, `undefined` for a 404. @throws Error for any other response, or if there is none. */
async function get(path: string, { revenue, token }: ReadbackSettings): Promise<unknown> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const url = `${revenue}${path}`;
  const request = { headers, signal: AbortSignal.timeout(requestTimeoutMs) };
  const response = await fetch(url, request).catch((error: unknown) => {
    throw new Error(`no response from ${url}: ${reasonOf(error)}`, { cause: error });
  });
  const text = await response.text();
  if (response.status === 404) return undefined;
  if (response.status !== 200) throw new Error(`${url} returned ${response.status}: ${text}`);
  return JSON.parse(text);
}

/** The message of `fetch` itself is only "fetch failed"; its cause has the reason. */
function reasonOf(error: unknown): string {
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return reason instanceof Error ? reason.message : String(reason);
}
