import type { Case, Stage } from "../case.ts";
import { lasting } from "./steps.ts";

const requests = 1_600;
const bodyBytes = 400 * 1024;

/** Far more large bodies at once than may be in memory, none of which can be stored for now. */
export async function burstWhileNatsHangs({ rig, sender }: Stage): Promise<void> {
  const { nats } = rig.servers;
  const event = sender.next();
  // White space after the value is part of the body and nothing else.
  const padded = { ...event, id: event.id, body: event.body + " ".repeat(bodyBytes) };
  nats.signal("SIGSTOP");
  const burst = Promise.all(Array.from({ length: requests }, () => sender.attempt(padded)));
  await lasting(4_000);
  nats.signal("SIGCONT");
  await burst;
}

/** More than there is room for. */
export const overloadCases: readonly Case[] = [
  {
    name: "burst of large bodies while NATS hangs",
    faults: [6],
    what: "1,600 bodies of 400 KiB at once: refused where there is no room, and memory stays bounded",
    cycles: 1,
    quiet: true,
    answersWithinMs: "never",
    cycle: burstWhileNatsHangs,
  },
];
