import { stream } from "@takings/wire";
import { durableFaults } from "../durable-faults.ts";
import type { LiveConnection } from "../nats-link.ts";
import { readStreamAndDurable } from "../stream-identity.ts";

/**
 * The server sends all of a pull at once, and cuts off a connection with more than 64 MiB in transit (`max_pending`); what
 * was on it is redelivered only after ack-wait.
 */
const maxPullBytes = 48_000_000;
/** What the server adds to the body of a message: subjects and headers. */
const overheadBytes = 65_536;

/** The durable, checked. */
type CheckedDurable = {
  readonly identity: string;
  /** The largest pull that the server sends completely; at least one message. */
  readonly maxPullBytes: number;
  readonly ackWaitMs: number;
};

/** Checks the durable before a pull: sequences of a recreated stream are not those of the earlier one. */
export type DurableCheck = {
  /** @throws Error when nothing may be pulled. */
  check(connection: LiveConnection): Promise<CheckedDurable>;
  /** Check anew before the next pull. */
  forget(): void;
};

/** A pull lasts up to ten seconds, and what it brings is checked again before it is acknowledged. */
const maxAgeMs = 1_000;

/** Creates a check whose result is valid for a second, on the same connection. */
export function createDurableCheck(): DurableCheck {
  let last:
    | { readonly on: LiveConnection; readonly at: number; readonly checked: CheckedDurable }
    | undefined;
  return {
    async check(connection) {
      const at = performance.now();
      if (last?.on === connection && at - last.at < maxAgeMs) return last.checked;
      last = undefined;
      const checked = await checkDurable(connection);
      last = { on: connection, at, checked };
      return checked;
    },
    forget: () => void (last = undefined),
  };
}

async function checkDurable({ nats }: LiveConnection): Promise<CheckedDurable> {
  const { identity, stream: described, durable: consumerInfo } = await readStreamAndDurable(nats);
  const faults = [...durableFaults(consumerInfo.config)];
  if (!described.config.allow_direct)
    faults.push(
      `stream ${stream.name} allows no direct get (allow_direct), so nothing could be acknowledged: run \`takings stream\``,
    );
  if (faults.length > 0) throw new Error(faults.join("; "));
  const limit = described.config.max_msg_size;
  const maxMessageBytes = limit > 0 ? limit : (nats.info?.max_payload ?? stream.maxMessageBytes);
  return {
    identity,
    maxPullBytes: Math.max(maxPullBytes, maxMessageBytes + overheadBytes),
    ackWaitMs: consumerInfo.config.ack_wait / 1e6,
  };
}
