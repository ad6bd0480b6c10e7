import { compareStream, inspectDurable, inspectStream, readBacklog, readServerTime } from "@takings/nats";
import type { Environment } from "@takings/runtime";
import { type Check, faultsOr, type Finding, ok, todo } from "../check.ts";
import type { Connections, Nats } from "../connections.ts";
import { readDurabilityNeeds } from "../settings/durability-needs.ts";
import { natsCheck } from "./nats-check.ts";

/** As the alert TakingsStreamNearLimit. */
const fullAbove = 0.8;
/** As the alert TakingsAckPendingSaturated. */
const saturatedAbove = 0.9;

/**
 * Whether the stream and its consumer are as this release wants them, and empty themselves.
 * @param lateMs how long an event may wait.
 */
export function streamChecks(
  connections: Connections,
  environment: Environment,
  lateMs: number,
): readonly Check[] {
  return [
    natsCheck(connections, "nats/stream", (nats) => checkStream(nats, environment)),
    natsCheck(connections, "nats/space", async ({ link }) => {
      const { streamBytes, streamLimitBytes } = await readBacklog(link);
      if (streamLimitBytes === undefined) return ok(`the stream holds ${streamBytes} bytes and has no limit`);
      const share = `${((100 * streamBytes) / streamLimitBytes).toFixed(1)} % of ${streamLimitBytes} bytes`;
      return streamBytes > fullAbove * streamLimitBytes
        ? todo(`the stream is full to ${share}`, "docs/runbooks/TakingsStreamNearLimit.md")
        : ok(`the stream is full to ${share}`);
    }),
    natsCheck(connections, "nats/consumer", async ({ connection }) => {
      const faults = await inspectDurable(connection.nats);
      if (faults === undefined) return todo("the consumer revenue is missing", "run takings stream");
      return faultsOr(faults, "docs/cli.md#takings-stream", "the consumer is as this release wants it");
    }),
    natsCheck(connections, "nats/lag", (nats) => checkLag(nats, lateMs)),
  ];
}

async function checkStream({ link, connection }: Nats, environment: Environment): Promise<Finding> {
  const differences = await compareStream(connection.nats);
  if (differences === undefined)
    return todo("the stream STRIPE_EVENTS is missing", "docs/runbooks/recovery.md#the-stream-is-lost");
  const { faults } = await inspectStream(link, readDurabilityNeeds(environment));
  return faultsOr(
    faults.length > 0 ? faults.map(({ message }) => message) : differences,
    "run takings stream, or correct the Stream resource that owns it",
    "the stream is as this release wants it",
  );
}

async function checkLag({ link, connection }: Nats, lateMs: number): Promise<Finding> {
  const { pending, oldest, ackPending, maxAckPending, redelivered, waitingPulls } = await readBacklog(link);
  const waiting = `${pending} events wait, ${redelivered} of them were delivered again`;
  if (maxAckPending > 0 && ackPending >= saturatedAbove * maxAckPending)
    return todo(`${ackPending} events are not acknowledged`, "docs/runbooks/TakingsAckPendingSaturated.md");
  if (oldest === undefined) return ok("no event waits");
  // Both by the clock of the server, which also dates what it stores.
  const ageMs = (await readServerTime(connection.nats)).getTime() - oldest.getTime();
  if (ageMs <= lateMs) return ok(waiting);
  return todo(
    `${waiting}, the oldest for ${Math.round(ageMs / 1_000)} s, and ${waitingPulls} pulls of consumers wait`,
    waitingPulls === 0 && ackPending === 0
      ? "start a consumer: docs/runbooks/TakingsNoActiveConsumers.md"
      : "docs/runbooks/TakingsConsumerStalled.md",
  );
}
