import { type LiveConnection, openLink } from "@takings/nats";
import { url } from "@takings/runtime";
import { z } from "zod";

/** The settings of whoever talks to NATS. */
export const natsSettings = z.object({
  NATS_URL: url("nats", "tls"),
  NATS_CREDS_FILE: z.string().optional(),
});

const connectTimeoutMs = 10_000;

/**
 * Runs something with a connection to NATS and closes it.
 * @param name whose inbox is used: the user's own.
 */
export async function withNats<T>(
  env: z.output<typeof natsSettings>,
  name: string,
  work: (nats: LiveConnection["nats"]) => Promise<T>,
): Promise<T> {
  const link = await openLink({ url: env.NATS_URL, credsFile: env.NATS_CREDS_FILE, name });
  const connection = await link.connected(connectTimeoutMs);
  try {
    return await work(connection.nats);
  } finally {
    await link.close();
  }
}
