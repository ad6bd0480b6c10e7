import { setTimeout as delay } from "node:timers/promises";
import { connect, type ConnectionOptions, ErrorCode, type NatsConnection, NatsError } from "nats";

export type FirstConnectionOptions = {
  /** Why there is no connection yet; called whenever the reason changes. */
  readonly onFailure: (reason: string) => void;
  /** Ends the attempts. */
  readonly signal: AbortSignal;
};

const pauseMs = 500;
const unsupported: string = ErrorCode.ServerOptionNotAvailable;

/**
 * Connects to one of the servers, and tries again for as long as none of them accepts. The client could do this itself
 * (`waitOnFirstConnect`), but without a reason, and it could not be ended.
 * @returns `undefined` when it was ended.
 */
export async function firstConnection(
  client: ConnectionOptions,
  { onFailure, signal }: FirstConnectionOptions,
): Promise<NatsConnection | undefined> {
  let last: string | undefined;
  while (!signal.aborted) {
    try {
      return await connect(client);
    } catch (error) {
      const reason = reasonOf(error);
      if (reason !== last && !signal.aborted) onFailure(reason);
      last = reason;
      await delay(pauseMs, undefined, { signal }).catch(() => {});
    }
  }
  return undefined;
}

/** Some errors of the client have a code for a message, and the reason in the error that they wrap. */
function reasonOf(error: unknown): string {
  if (!(error instanceof NatsError)) return error instanceof Error ? error.message : String(error);
  if (error.code === unsupported) return `the server does not support ${error.message}`;
  return error.chainedError?.message ?? error.message;
}
