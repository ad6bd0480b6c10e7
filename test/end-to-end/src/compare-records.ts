import type { LedgerEntry, ListedEvent, RevenueClient } from "@takings/simulator";
import { inMajorUnits } from "./expected-totals.ts";
import { checkEach, checkOrder, compareLines, type Comparison } from "./comparisons.ts";
import { byText, type ExpectedEvent, type ExpectedState } from "./expected-state.ts";
import type { Entry } from "./reference-implementation/entries.ts";

/** All pages of the ledger, in both modes and for all accounts: entries, order and unique ids. */
export async function compareLedger(
  reader: RevenueClient,
  { entries }: ExpectedState,
): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const livemode of [true, false]) {
    const answered = await reader.ledger({ livemode, account: "*" });
    const expected = entries.filter((entry) => entry.livemode === livemode);
    const mode = livemode ? "live" : "test";
    comparisons.push(
      compareLines(`ledger entries, ${mode} mode`, expected.map(expectedLine), answered.map(apiLine)),
      checkOrder(`ledger order, ${mode} mode`, answered, entryComesAfter),
      { what: `ledger entry ids, ${mode} mode`, compared: answered.length, differences: repeated(answered) },
    );
  }
  return comparisons;
}

/** The entries of one account and currency, read in small pages. */
export async function compareSmallPages(
  reader: RevenueClient,
  { entries }: ExpectedState,
): Promise<Comparison> {
  const own = entries.filter(
    ({ livemode, account, currency }) => livemode && account === null && currency === "usd",
  );
  const answered = await reader.ledger({ livemode: true, currency: "usd", limit: 7 });
  return compareLines("ledger in pages of seven", own.map(expectedLine), answered.map(apiLine));
}

/** The list of events: every accepted event with its status. */
export async function compareEvents(reader: RevenueClient, { events }: ExpectedState): Promise<Comparison[]> {
  const answered = await reader.events({});
  const known = [...events.values()];
  const reasonless = answered.filter(
    ({ status, reason }) => (status === "quarantined") !== (reason !== null),
  );
  return [
    compareLines(
      "events listed",
      known.map(expectedEventLine),
      answered.map((event) => eventLine(event)),
    ),
    checkOrder("order of events", answered, eventComesAfter),
    compareLines(
      "quarantined events",
      known.filter(({ isQuarantined }) => isQuarantined).map(({ eventId }) => eventId),
      answered.filter(({ status }) => status === "quarantined").map(({ event_id }) => event_id),
    ),
    {
      what: "reasons of quarantine",
      compared: answered.length,
      differences: reasonless.map(({ event_id }) => event_id),
    },
  ];
}

/** Lists of events by type and time. */
export async function compareEventFilters(
  reader: RevenueClient,
  { events }: ExpectedState,
): Promise<Comparison[]> {
  const [from, to] = ["2023-12-01T00:00:00Z", "2024-10-27T01:00:00Z"];
  const inRange = ({ created }: ExpectedEvent): boolean =>
    created >= Date.parse(from) && created < Date.parse(to);
  const comparisons: Comparison[] = [];
  for (const type of ["payment_intent.succeeded", "charge.refunded", "never.seen"]) {
    const expected = [...events.values()].filter((event) => event.type === type && inRange(event));
    const answered = await reader.events({ type, from, to, limit: 50 });
    comparisons.push(
      compareLines(`${type} events of a time`, expected.map(expectedEventLine), answered.map(eventLine)),
    );
  }
  return comparisons;
}

/** The payload of each event equals the sent body exactly. */
export function comparePayloads(
  reader: RevenueClient,
  events: readonly ExpectedEvent[],
): Promise<Comparison> {
  return checkEach("payloads as sent", events, async ({ eventId, body }) => {
    const { payload } = await reader.event(eventId);
    return payload === body
      ? []
      : [`${eventId}: the payload is ${payload.length} characters, sent were ${body.length}`];
  });
}

/** The history of each PaymentIntent: its entries, and the events that refer to it or to an object of its entries. */
export function comparePayments(
  reader: RevenueClient,
  { entries, events }: ExpectedState,
  atMost: number = Infinity,
): Promise<Comparison> {
  const known = [...events.values()];
  const byIntent = Map.groupBy(known, ({ paymentIntent }) => paymentIntent);
  const byObject = Map.groupBy(known, ({ objectId }) => objectId);
  const payments = [...Map.groupBy(entries, ({ payment_intent }) => payment_intent)];
  const named = payments
    .flatMap(([intent, own]) => (intent === null ? [] : [{ intent, own }]))
    .slice(0, atMost);
  return checkEach("payment histories", named, async ({ intent, own }) => {
    const answered = await reader.payment(intent);
    const telling = [
      ...(byIntent.get(intent) ?? []),
      ...own.flatMap(({ object_id }) => byObject.get(object_id) ?? []),
    ];
    const ids = new Set(telling.map(({ eventId }) => eventId));
    return [
      compareLines(intent, own.map(expectedLine), answered.entries.map(apiLine)),
      compareLines(
        `${intent} events`,
        [...ids],
        answered.events.map(({ event_id }) => event_id),
      ),
    ].flatMap(({ what, differences }) => differences.map((fault) => `${what} ${fault}`));
  });
}

function expectedLine(entry: Entry): string {
  const { amount, currency, occurred_at } = entry;
  return entryLine(entry, `${amount} ${inMajorUnits(amount, currency)}`, occurred_at * 1_000);
}

function apiLine(entry: LedgerEntry): string {
  return entryLine(entry, `${entry.amount.minor} ${entry.amount.major}`, Date.parse(entry.occurred_at));
}

function entryLine(
  { kind, currency, object_id, payment_intent, event_id, account, livemode }: Entry | LedgerEntry,
  amount: string,
  occurredAt: number,
): string {
  const owner = { account, livemode };
  return JSON.stringify({
    kind,
    amount,
    currency,
    occurredAt,
    object_id,
    payment_intent,
    event_id,
    ...owner,
  });
}

function expectedEventLine({
  eventId,
  type,
  created,
  livemode,
  account,
  objectId,
  isQuarantined,
}: ExpectedEvent): string {
  const status = isQuarantined ? "quarantined" : "processed";
  return JSON.stringify([eventId, type, created, livemode, account, isThin(type) ? null : objectId, status]);
}

function eventLine({ event_id, type, created, livemode, account, object_id, status }: ListedEvent): string {
  const objectId = isThin(type) ? null : object_id;
  return JSON.stringify([event_id, type, Date.parse(created), livemode, account, objectId, status]);
}

/** A thin event refers to its object elsewhere, so the listed object is not compared. */
function isThin(type: string): boolean {
  return /^v\d+\./.test(type);
}

function entryComesAfter(a: LedgerEntry, b: LedgerEntry): boolean {
  const byTime = Date.parse(a.occurred_at) - Date.parse(b.occurred_at);
  return byTime > 0 || (byTime === 0 && byText(a.id, b.id) > 0);
}

function eventComesAfter(a: ListedEvent, b: ListedEvent): boolean {
  const byTime = Date.parse(a.created) - Date.parse(b.created);
  return byTime > 0 || (byTime === 0 && byText(a.event_id, b.event_id) > 0);
}

function repeated(entries: readonly LedgerEntry[]): string[] {
  return [...Map.groupBy(entries, ({ id }) => id)].filter(([, same]) => same.length > 1).map(([id]) => id);
}
