import type { NatsConnection } from "nats";
import { z } from "zod";

const apiPrefix = "$JS.API";
const defaultTimeoutMs = 3_000;

const refusal = z.object({ error: z.object({ description: z.string() }).optional() });

export type ApiRequest<T> = {
  /** What follows `$JS.API.`; this and nothing more is what a user needs the permission for. */
  readonly subject: string;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly response: z.ZodType<T>;
  /** What is asked about, for messages. */
  readonly what: string;
  readonly timeoutMs?: number;
};

/**
 * One request to JetStream's own interface, without the further ones that a client's manager makes.
 * @throws Error with the server's own words when it says no, and when it says nothing or something else.
 */
export async function requestApi<T>(nats: NatsConnection, request: ApiRequest<T>): Promise<T> {
  const body = request.body === undefined ? "" : JSON.stringify(request.body);
  const timeout = request.timeoutMs ?? defaultTimeoutMs;
  const reply = await nats.request(`${apiPrefix}.${request.subject}`, body, { timeout });
  const answer: unknown = reply.json();
  const { error } = refusal.parse(answer);
  if (error !== undefined) throw new Error(`${request.what}: ${error.description}`);
  return request.response.parse(answer);
}
