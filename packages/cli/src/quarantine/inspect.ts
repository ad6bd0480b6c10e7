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
  for (const { eventId, type, receivedAt, reason, dismissedAt } of events) {
    const dismissed = dismissedAt === null ? "" : `  (dismissed ${dismissedAt})`;
    print(`${receivedAt}  ${eventId}  ${type}  ${reason}${dismissed}`);
  }
  print(`${events.length} event(s) in quarantine`);
}

/** Prints one event with its body and decisions. @throws Error if it is not stored. */
export async function show(pool: Pool, print: Print, eventId: string): Promise<void> {
  const event = await createPaymentReader(pool).event(eventId);
  if (event === undefined) throw new Error(`no event ${eventId} is stored`);
  print(JSON.stringify({ ...event, decisions: await readDecisions(pool, eventId) }, undefined, 2));
}
