import type { RevenueClient } from "@takings/simulator";
import { eventually } from "@takings/testkit";

/** Waits until every one of the events can be read. The last one is requested first. */
export async function untilRecorded(
  client: RevenueClient,
  eventIds: ReadonlySet<string>,
  withinMs: number,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  const last = [...eventIds].at(-1);
  if (last !== undefined) await eventually(`the record of ${last}`, () => client.event(last), withinMs);
  const isThere = async (): Promise<boolean> => {
    const known = new Set((await client.events({})).map(({ event_id }) => event_id));
    const missing = eventIds.difference(known);
    if (missing.size === 0) return true;
    throw new Error(`${missing.size} of ${eventIds.size} events are missing, among them ${[...missing][0]}`);
  };
  await eventually("the record of every accepted event", isThere, Math.max(1_000, deadline - Date.now()));
}
