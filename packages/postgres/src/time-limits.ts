import { DatabaseError, type PoolClient } from "pg";

/** Gives a transaction of one event more time where it did not suffice: there is nothing left to make it smaller. */
export type TimeLimits = {
  /** Runs `work` in the client's open transaction. `size` is how many events it is about. */
  limit<T>(client: PoolClient, size: number, work: (client: PoolClient) => Promise<T>): Promise<T>;
};

/** Of the ordinary time: 15 s become four minutes, in which 0.5 MB pass through 20 kbit/s. */
const maxFactor = 16;

/** Cancelled by `statement_timeout`, or ended by `idle_in_transaction_session_timeout`, which sees a slow sender so. */
const outOfTime: readonly (string | undefined)[] = ["57014", "25P03"];

/** @param ordinaryMs after how long the pool gives up waiting for the answer to a query. */
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

/** The client with more time for each query, at the server until the transaction ends, and on our side. */
async function withExtendedTimeouts(client: PoolClient, ms: number): Promise<PoolClient> {
  const settings = ["statement_timeout", "idle_in_transaction_session_timeout"];
  await client.query(settings.map((name) => `set local ${name} = ${ms}`).join("; "));
  const query = (given: string | { readonly text: string }): unknown => {
    // The driver knows it of each query, its types do not.
    const limited = { ...(typeof given === "string" ? { text: given } : given), query_timeout: ms };
    return client.query(limited);
  };
  return new Proxy(client, {
    get: (target, name) => (name === "query" ? query : Reflect.get(target, name, target)),
  });
}

function isOutOfTime(error: unknown): boolean {
  if (error instanceof DatabaseError) return outOfTime.includes(error.code);
  // The driver's own limit; it has no code.
  return error instanceof Error && error.message === "Query read timeout";
}
