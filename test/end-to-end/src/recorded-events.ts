import { readdirSync, readFileSync } from "node:fs";
import type { StripeEvent } from "@takings/simulator";

const folder = new URL("../../fixtures/stripe-events/", import.meta.url);

/** The recorded events, each with an event id of its own in place of the one that several of them share. */
export function readRecordedEvents(): StripeEvent[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return names.map((name) => {
    const id = `evt_recorded_${name.slice(0, -".json".length)}`;
    const body = readFileSync(new URL(name, folder), "utf8").replace(/"evt_\w+"/, `"${id}"`);
    const { type }: { type: string } = JSON.parse(body);
    return { id, type, body };
  });
}
