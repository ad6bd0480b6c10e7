import { type Check, type Finding, notAsked, unknown } from "../check.ts";
import type { Connections, Nats } from "../connections.ts";

/** A check that asks NATS. */
export function natsCheck(
  connections: Connections,
  name: string,
  ask: (nats: Nats) => Promise<Finding>,
): Check {
  return {
    name,
    async run() {
      const opening = connections.nats();
      if (opening === undefined) return notAsked("NATS_URL is not set");
      const nats = await opening.catch(() => undefined);
      return nats === undefined ? unknown("NATS does not respond", "see nats/connection") : ask(nats);
    },
  };
}
