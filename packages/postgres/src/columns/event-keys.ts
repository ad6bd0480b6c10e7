import type { EventKey } from "@takings/domain";

/** Events as two parameters of a statement: their ids and their sources. */
export function eventKeyColumns(events: readonly EventKey[]): [string[], string[]] {
  return [events.map(({ eventId }) => eventId), events.map(({ source }) => source)];
}

/**
 * Compares events by the key of their table. Whoever locks several events does it in this order, so that sessions wait for
 * each other and do not deadlock.
 */
export function compareEventKeys(a: EventKey, b: EventKey): number {
  return compareText(a.eventId, b.eventId) || compareText(a.source, b.source);
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
