import { DatabaseError, type PoolClient } from "pg";

/** Extends the timeouts for a transaction of a single event that ran out of time, because it cannot be split. */
export type TimeLimits = {
  /** Runs `work` in the client's open transaction. `size` is the number of its events. */
  limit<T>(client: PoolClient, size: number, work: (client: PoolClient) => Promise<T>): Promise<T>;
};

/** 15 s become four minutes, in which 20 kbit/s transfer 0.5 MB. */
const maxFactor = 16;

/** `statement_timeout`, and `idle_in_transaction_session_timeout`, which a slow sender runs into. */
const timeoutStates: readonly (string | undefined)[] = ["57014", "25P03"];

/** Creates the limits of one pool. @param ordinaryMs how long the pool waits for the result of a query. */
export function createTimeLimits(ordinaryMs: number): TimeLimits {
  let times = 1;
  return {
    async limit(client, size, work) {
      if (size !== 1) return work(client);
      try {
        const result = await work(
          times === 1 ? client : await withExtendedTimeouts(client, ordinaryMs * times),
        );
        times = Math.max(1, times / 2);
        return result;
      } catch (error) {
        if (isOutOfTime(error)) times = Math.min(maxFactor, times * 2);
        throw error;
      }
    },
  };
}

/** The client with longer timeouts for each query: in the server until the transaction ends, and in the driver. */
async function withExtendedTimeouts(client: PoolClient, ms: number): Promise<PoolClient> {
  const settings = ["statement_timeout", "idle_in_transaction_session_timeout"];
  await client.query(settings.map((name) => `set local ${name} = ${ms}`).join("; "));
  const query = (given: string | { readonly text: string }, values?: unknown[]): unknown => {
    // The driver accepts a timeout per query, though its types do not.
    const limited = { ...(typeof given === "string" ? { text: given } : given), query_timeout: ms };
    return client.query(limited, values);
  };
  return new Proxy(client, {
    get: (target, name) => (name === "query" ? query : Reflect.get(target, name, target)),
  });
}

function isOutOfTime(error: unknown): boolean {
  if (error instanceof DatabaseError) return timeoutStates.includes(error.code);
  // The timeout of the driver has no code.
  return error instanceof Error && error.message === "Query read timeout";
}
