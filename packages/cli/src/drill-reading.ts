import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { Canaries, Expected } from "./drill-canaries.ts";

export type ReadingSettings = {
  /** Base URL of revenue-query. */
  readonly revenue: string;
  readonly token: string | undefined;
  /** When to stop waiting, in milliseconds since the epoch. */
  readonly deadline: number;
};

/** What the installation says of the canaries. */
export type Found = {
  readonly stored: ReadonlySet<string>;
  /** Keys of ledger entries, each as often as it is there. */
  readonly entries: readonly string[];
  readonly counted: Expected;
};

const money = z.object({ minor: z.string() });
const revenueAnswer = z.object({
  totals: z.array(
    z.object({
      currency: z.string(),
      gross: money,
      refunded: money,
      counts: z.object({ payments: z.number(), refunds: z.number() }),
    }),
  ),
});
const ledgerAnswer = z.object({
  entries: z.array(z.object({ kind: z.string(), object_id: z.string() })),
  next_cursor: z.string().nullable(),
});

const pauseMs = 250;
const requestTimeoutMs = 15_000;

/** Reads until everything is there that must be, or until the deadline; what is there then is the answer. */
export async function readCanaries(canaries: Canaries, settings: ReadingSettings): Promise<Found> {
  const stored = new Set<string>();
  for (;;) {
    for (const { id } of canaries.events) {
      if (!stored.has(id) && (await get(`/v1/events/${id}`, settings)) !== undefined) stored.add(id);
    }
    const found = {
      stored,
      entries: await readEntries(canaries, settings),
      counted: await readTotals(canaries, settings),
    };
    const isWhole = stored.size === canaries.events.length && isCounted(canaries.expected, found.counted);
    if (isWhole || Date.now() + pauseMs > settings.deadline) return found;
    await delay(pauseMs);
  }
}

/** True when the totals are exactly these. */
export function isCounted(expected: Expected, counted: Expected): boolean {
  return (
    expected.gross === counted.gross &&
    expected.refunded === counted.refunded &&
    expected.payments === counted.payments &&
    expected.refunds === counted.refunds
  );
}

async function readEntries({ account }: Canaries, settings: ReadingSettings): Promise<string[]> {
  const entries: string[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const after: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const answer = await get(`/v1/ledger?livemode=false&account=${account}&limit=1000${after}`, settings);
    const page = ledgerAnswer.parse(answer);
    entries.push(...page.entries.map(({ kind, object_id }) => `${kind} ${object_id}`));
    cursor = page.next_cursor;
  }
  return entries;
}

async function readTotals({ account }: Canaries, settings: ReadingSettings): Promise<Expected> {
  const answer = await get(`/v1/revenue?livemode=false&account=${account}`, settings);
  const total = revenueAnswer.parse(answer).totals.find(({ currency }) => currency === "usd");
  return {
    gross: BigInt(total?.gross.minor ?? 0),
    refunded: BigInt(total?.refunded.minor ?? 0),
    payments: total?.counts.payments ?? 0,
    refunds: total?.counts.refunds ?? 0,
  };
}

/** The JSON of a 200, `undefined` for a 404. @throws for any other answer. */
async function get(path: string, { revenue, token }: ReadingSettings): Promise<unknown> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const url = `${revenue}${path}`;
  const request = { headers, signal: AbortSignal.timeout(requestTimeoutMs) };
  const response = await fetch(url, request).catch((error: unknown) => {
    throw new Error(`there is no answer from ${url}: ${reasonOf(error)}`, { cause: error });
  });
  const text = await response.text();
  if (response.status === 404) return undefined;
  if (response.status !== 200) throw new Error(`${url} answers ${response.status}: ${text}`);
  return JSON.parse(text);
}

/** fetch itself says no more than "fetch failed". */
function reasonOf(error: unknown): string {
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return reason instanceof Error ? reason.message : String(reason);
}
