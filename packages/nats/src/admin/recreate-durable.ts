import { setTimeout as delay } from "node:timers/promises";
import { durable, stream } from "@takings/wire";
import type { ConsumerConfig, ConsumerInfo, JetStreamManager } from "nats";
import { unlessMissing } from "../jetstream-api.ts";

const attempts = 5;
const pauseMs = 200;

/**
 * Deletes the durable, if there is one, and creates it with this configuration and no acknowledgements.
 *
 * nats-server does not wait for the write of a deleted durable's state (2.15.1, filestore.go, `flushLoop` and `delete`),
 * and a durable of the same name has the same directory: creating it then fails, or could find the old acknowledgements.
 * It is repeated in both cases.
 * @throws NatsError when the server refuses it several times; the durable may be missing then.
 */
export async function recreateDurable(
  manager: JetStreamManager,
  config: Partial<ConsumerConfig>,
): Promise<ConsumerInfo> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await manager.consumers.delete(stream.name, durable.name).catch(unlessMissing);
      const created = await manager.consumers.add(stream.name, config);
      if (created.delivered.consumer_seq === 0) return created;
      throw new Error(`consumer ${durable.name} was created with the state of the one that was deleted`);
    } catch (error) {
      if (attempt === attempts) throw error;
    }
    await delay(pauseMs);
  }
}
