import { readFileSync } from "node:fs";
import { type DerivedLedger, deriveLedger, type EventFacts } from "@takings/domain";
import { type MarkdownTable, markdownTables } from "@takings/testkit";
import { eventFacts } from "@takings/wire";

/** An example beside a rule of docs/revenue.md: events, and the entries and gaps that stand below them. */
export type RuleExample = {
  readonly title: string;
  readonly events: readonly EventFacts[];
  /** One line for each row, sorted. */
  readonly expected: readonly string[];
};

const eventColumns = ["id", "created", "type", "object"];
const outcomeColumns = ["entry", "key", "amount", "on", "source event"];

export const revenueDocument: string = readFileSync(
  new URL("../../../docs/revenue.md", import.meta.url),
  "utf8",
);

/**
 * The examples of a document: each a table of events with the table of what comes of them after it.
 * @throws Error where one of the two is missing or odd.
 */
export function readRuleExamples(document: string): readonly RuleExample[] {
  const tables = markdownTables(document).filter((table) => isEvents(table) || isOutcome(table));
  const pairs = Array.from({ length: Math.ceil(tables.length / 2) }, (_, n) =>
    tables.slice(2 * n, 2 * n + 2),
  );
  return pairs.map(([events, outcome], n) => {
    const areOne = events?.heading === outcome?.heading;
    if (!areOne || events === undefined || outcome === undefined || !isEvents(events) || !isOutcome(outcome))
      throw new Error(`a table of events and one of entries belong together: "${events?.heading ?? ""}"`);
    return readExample(events, outcome, `${n + 1}. ${events.heading}`);
  });
}

/** What a set of events makes of itself, as the document writes it. */
export function outcomeOf(events: Iterable<EventFacts>): readonly string[] {
  const { entries, gaps }: DerivedLedger = deriveLedger(events);
  return [
    ...entries.map(({ kind, objectId, keyEvent, amount, currency, occurredAt, sourceEvent }) =>
      line({
        entry: kind,
        key: keyEvent === undefined ? objectId : `${objectId} + ${shortOf(keyEvent)}`,
        amount: `${amount > 0n ? "+" : ""}${amount} ${currency}`,
        on: occurredAt,
        "source event": shortOf(sourceEvent.eventId),
      }),
    ),
    ...gaps.map(({ kind, objectId, amount, currency, seenBy }) =>
      line({
        entry: `gap: ${kind}`,
        key: objectId,
        amount: `${amount} ${currency}`,
        on: seenBy.created,
        "source event": shortOf(seenBy.eventId),
      }),
    ),
  ].toSorted();
}

function isEvents({ columns }: MarkdownTable): boolean {
  return columns.filter((column) => column !== "version").join() === eventColumns.join();
}

function isOutcome({ columns }: MarkdownTable): boolean {
  return columns.join() === outcomeColumns.join();
}

function readExample(events: MarkdownTable, outcome: MarkdownTable, title: string): RuleExample {
  return {
    title,
    events: events.rows.map(readEvent),
    expected: outcome.rows
      .filter(({ entry }) => entry !== "none")
      .map((row) => line({ ...row, on: timeOf(row["on"]) }))
      .toSorted(),
  };
}

function readEvent(row: Readonly<Record<string, string>>): EventFacts {
  const { id = "", created, type = "", version, object = "" } = row;
  const time = timeOf(created);
  const event = {
    id: id.startsWith("evt_") ? id : `evt_${id}`,
    type,
    ...(version !== undefined && { api_version: version }),
    data: { object: JSON.parse(object, inSeconds) as unknown },
  };
  return eventFacts(event, time);
}

/** The document writes times for people; Stripe sends seconds. */
function inSeconds(name: string, value: unknown): unknown {
  return name === "created" && typeof value === "string" ? timeOf(value).getTime() / 1_000 : value;
}

/** `2026-03-08`, or `2026-03-08 10:00:00`; both UTC. */
function timeOf(written = ""): Date {
  const time = new Date(written.includes(" ") ? `${written.replace(" ", "T")}Z` : written);
  if (Number.isNaN(time.getTime())) throw new Error(`${written} is no time`);
  return time;
}

function shortOf(eventId: string): string {
  return /^evt_\w$/.test(eventId) ? eventId.slice("evt_".length) : eventId;
}

function line(row: Readonly<Record<string, string | Date>>): string {
  return outcomeColumns
    .map((column) => {
      const value = row[column];
      return value instanceof Date ? value.toISOString() : value;
    })
    .join(" | ");
}
