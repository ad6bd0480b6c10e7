import { Temporal } from "temporal-polyfill";
import { HttpProblem } from "../../http/http-problem.ts";
import type { Entry } from "../../responses/entry.ts";
import type { EventSummary } from "../../responses/event.ts";
import type { PageApi } from "../page-api.ts";

/** What an event led to. */
export type EventEffect = {
  /** The PaymentIntents whose life it is part of. */
  readonly payments: readonly string[];
  /** The entries that take their fields from it. */
  readonly entries: readonly Entry[];
};

const none: EventEffect = { payments: [], entries: [] };

/** Finds what an event led to, as far as the reader may see it. */
export async function effectOf(event: EventSummary, api: PageApi): Promise<EventEffect> {
  const { object_id: q, source } = event;
  if (q === null) return none;
  const { results } = (await ifReadable(api.search({ q, source }))) ?? { results: [] };
  const payments = results.filter(({ kind }) => kind === "payment").map(({ id }) => id);
  const [payment] = payments;
  const listed =
    payment === undefined
      ? await entriesOfMoment(event, api)
      : (await ifReadable(api.payment({ source }, { payment_intent: payment })))?.entries;
  return { payments, entries: (listed ?? []).filter((entry) => entry.event_id === event.event_id) };
}

/** An entry without a PaymentIntent is found by its time, which is mostly that of its event. */
async function entriesOfMoment(event: EventSummary, api: PageApi): Promise<readonly Entry[] | undefined> {
  const { created, source, account, livemode, status } = event;
  if (livemode === null || status === "quarantined") return undefined;
  const to = Temporal.Instant.from(created).add({ seconds: 1 }).toString();
  const scope = { source, account: account ?? undefined, livemode: String(livemode) };
  return (await ifReadable(api.ledger({ from: created, to, limit: "1000", ...scope })))?.entries;
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
