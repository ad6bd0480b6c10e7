import { TakingsError } from "@takings/domain";

/** What a transaction went by has changed before its locks were there: it has to be begun again, and sees it then. */
export class RestartTransactionError extends Error {
  constructor(because: string) {
    super(`${because}: restart the transaction`);
    this.name = "RestartTransactionError";
  }
}

/** Each attempt sees what the one before ran into, so more are needed only where many meet. */
const maxAttempts = 10;

/**
 * Repeats a transaction from its beginning as long as it has to be begun again.
 * @throws TakingsError `unavailable` when that went on; any other failure as it is.
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
  const advice = "other sessions write the same payments; try again when there are fewer of them";
  return new TakingsError("unavailable", `${cause.message} (${maxAttempts} times in a row); ${advice}`, {
    cause,
  });
}
