import { TakingsError } from "@takings/domain";

/** Something that a transaction has read changed before it was locked, so the transaction has to be restarted. */
export class RestartTransactionError extends Error {
  constructor(because: string) {
    super(`${because}: restart the transaction`);
    this.name = "RestartTransactionError";
  }
}

/** Each attempt sees the change that the previous one ran into, so many are needed only with many writers. */
const maxAttempts = 10;

/**
 * Runs a transaction, and restarts it on {@link RestartTransactionError}.
 * @throws TakingsError `unavailable` when that happens too often; any other failure as it is.
 */
export async function withTransactionRestarts<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = maxAttempts - 1; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof RestartTransactionError)) throw error;
      if (left === 0) throw contentionError(error);
    }
  }
}

function contentionError(cause: RestartTransactionError): TakingsError {
  const advice = "other sessions write the same payments; retry later";
  return new TakingsError("unavailable", `${cause.message} (${maxAttempts} times in a row); ${advice}`, {
    cause,
  });
}
