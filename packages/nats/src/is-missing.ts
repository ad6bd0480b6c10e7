import { NatsError } from "nats";

const noSuchStream = 10_059;
const noSuchConsumer = 10_014;

/** Whether the server says that a stream or a consumer does not exist. */
export function isMissing(error: unknown): boolean {
  const code = error instanceof NatsError ? error.api_error?.err_code : undefined;
  return code === noSuchStream || code === noSuchConsumer;
}
