import { type EventKey, messageIdOf } from "@takings/domain";
import { createPaymentReader, type QuarantineFilter, readDecisions, readQuarantine } from "@takings/postgres";
import type { Print } from "../command.ts";
import type { Pool } from "../connections/database.ts";

/** Prints the quarantined events that match a filter. */
export async function list(
  pool: Pool,
  print: Print,
  { json, ...filter }: QuarantineFilter & { readonly json?: true },
): Promise<void> {
  const events = await readQuarantine(pool, filter);
  if (json) {
    print(JSON.stringify(events));
    return;
  }
  for (const event of events) {
    const { type, receivedAt, reason, dismissedAt } = event;
    const dismissed = dismissedAt === null ? "" : `  (dismissed ${dismissedAt})`;
    print(`${receivedAt}  ${messageIdOf(event)}  ${type}  ${reason}${dismissed}`);
  }
  print(`${events.length} event(s) in quarantine`);
}

/** Prints one event with its body and decisions. @throws Error if it is not stored. */
export async function show(pool: Pool, print: Print, key: EventKey): Promise<void> {
  const event = await createPaymentReader(pool).event(key.eventId, key.source);
  if (event === undefined) throw new Error(`no event ${messageIdOf(key)} is stored`);
  print(JSON.stringify({ ...event, decisions: await readDecisions(pool, key) }, undefined, 2));
}
