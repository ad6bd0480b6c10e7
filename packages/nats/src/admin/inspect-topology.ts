import type { NatsConnection } from "nats";
import { durableFaults } from "../durable-faults.ts";
import { requestDurableInfo, requestStreamInfo, unlessMissing } from "../jetstream-api.ts";
import { streamDifferences } from "./apply-topology.ts";

/**
 * What {@link applyTopology} would change in the stream, one line each; `undefined` where there is no stream. Changes
 * nothing.
 * @throws TakingsError `unavailable` without a response, or without the permission to ask.
 */
export async function compareStream(nats: NatsConnection): Promise<readonly string[] | undefined> {
  const info = await requestStreamInfo(nats).catch(unlessMissing);
  return info === undefined ? undefined : streamDifferences(nats);
}

/**
 * Everything because of which the durable could skip or delay events, each with its fix; `undefined` where there is none.
 * @throws TakingsError `unavailable` without a response, or without the permission to ask.
 */
export async function inspectDurable(nats: NatsConnection): Promise<readonly string[] | undefined> {
  const info = await requestDurableInfo(nats).catch(unlessMissing);
  return info === undefined ? undefined : durableFaults(info.config);
}

/**
 * The clock of the server that leads the stream.
 * @throws TakingsError `unavailable` without a response, JetStreamError without the stream.
 */
export async function readServerTime(nats: NatsConnection): Promise<Date> {
  return (await requestStreamInfo(nats)).ts;
}
