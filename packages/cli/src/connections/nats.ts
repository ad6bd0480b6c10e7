import { type LiveConnection, openLink } from "@takings/nats";
import type { NatsServer } from "@takings/runtime";

const connectTimeoutMs = 10_000;

/**
 * Runs some work with a connection to NATS, and closes it afterwards.
 * @param user the NATS user of the command, which has an inbox of the same name.
 */
export async function withNats<T>(
  server: NatsServer,
  user: string,
  work: (nats: LiveConnection["nats"]) => Promise<T>,
): Promise<T> {
  const link = await openLink({ ...server, name: user });
  const connection = await link.connected(connectTimeoutMs);
  try {
    return await work(connection.nats);
  } finally {
    await link.close();
  }
}
