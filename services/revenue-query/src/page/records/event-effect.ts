import { Temporal } from "temporal-polyfill";
import { HttpProblem } from "../../http/http-problem.ts";
import type { Entry } from "../../responses/entry.ts";
import type { EventSummary } from "../../responses/event.ts";
import type { PageApi } from "../page-api.ts";

/** What an event led to. */
export type EventEffect = {
  /** The PaymentIntents whose life it is part of. */
  readonly payments: readonly string[];
  /** The entries that take their fields from it, as far as they were found. */
  readonly entries: readonly Entry[];
  /** Whether all of its entries were looked at: those of its payments are, any other is found by its time only. */
  readonly isWhole: boolean;
};

/** More than an object ever belongs to; an invoice has few. */
const maxPayments = 10;

/** Finds what an event led to, as far as the reader may see it. */
export async function effectOf(event: EventSummary, api: PageApi): Promise<EventEffect> {
  const { object_id: q, source } = event;
  const results = q === null ? [] : ((await ifReadable(api.search({ q, source })))?.results ?? []);
  const payments = results.filter(({ kind }) => kind === "payment").map(({ id }) => id);
  const lists =
    payments.length === 0 ? [await entriesOfMoment(event, api)] : await entriesOf(payments, source, api);
  return {
    payments,
    entries: lists.flatMap((list) => list ?? []).filter((entry) => entry.event_id === event.event_id),
    isWhole:
      event.status === "quarantined" ||
      (payments.length > 0 && payments.length <= maxPayments && !lists.includes(undefined)),
  };
}

type ReadEntries = readonly Entry[] | undefined;

/** The entries of each payment. */
async function entriesOf(payments: readonly string[], source: string, api: PageApi): Promise<ReadEntries[]> {
  const lists: ReadEntries[] = [];
  for (const payment of payments.slice(0, maxPayments)) {
    lists.push((await ifReadable(api.payment({ source }, { payment_intent: payment })))?.entries);
  }
  return lists;
}

/** An entry without a PaymentIntent is found by its time, which is mostly that of its event. */
async function entriesOfMoment(event: EventSummary, api: PageApi): Promise<ReadEntries> {
  const { created, status } = event;
  const scope = ledgerScopeOf(event);
  if (scope === undefined || status === "quarantined") return undefined;
  const to = Temporal.Instant.from(created).add({ seconds: 1 }).toString();
  return (await ifReadable(api.ledger({ from: created, to, limit: "1000", ...scope })))?.entries;
}

/** The parameters of the ledger that an event belongs to; `undefined` where it does not say its mode. */
export function ledgerScopeOf({
  source,
  account,
  livemode,
}: EventSummary): Record<"source" | "account" | "livemode", string | undefined> | undefined {
  if (livemode === null) return undefined;
  return { source, account: account ?? undefined, livemode: String(livemode) };
}

/** What else there is to an event is left out where it is not for this reader, or not there (any more). */
async function ifReadable<Reply>(reading: Promise<Reply>): Promise<Reply | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof HttpProblem) return undefined;
    throw error;
  }
}
