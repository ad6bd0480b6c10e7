import { z } from "zod";

const serverVariables = z.object({
  max_payload: z.number(),
  jetstream: z.object({ config: z.object({ sync_always: z.boolean().default(false) }).optional() }),
});
/** How the server is set up. */
export type ServerFacts = z.output<typeof serverVariables>;

/** What the server says is wrong, with `details`: https://docs.nats.io/running-a-nats-service/nats_admin/monitoring */
const serverHealth = z.object({
  errors: z.array(z.object({ stream: z.string().optional(), error: z.string() })).default([]),
});
export type ServerHealth = z.output<typeof serverHealth>;

const timeoutMs = 3_000;

/** @throws Error when the server does not say. */
export async function askServer(monitorUrl: string): Promise<ServerFacts> {
  const response = await fetch(new URL("/varz", monitorUrl), { signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) throw new Error(`${monitorUrl}/varz answers ${response.status}`);
  return serverVariables.parse(await response.json());
}

/** @throws Error when the server does not say. */
export async function askHealth(monitorUrl: string): Promise<ServerHealth> {
  const url = new URL("/healthz?details=true", monitorUrl);
  // Where something is wrong the status is an error's and the body says what.
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  return serverHealth.parse(await response.json());
}
