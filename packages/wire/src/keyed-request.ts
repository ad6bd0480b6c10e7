import { TakingsError } from "@takings/domain";

// Requests with an API key in a header, whose failures must not show it.

/** The headers of a request. @throws TakingsError `invalid` without the message of `Headers`, which shows the key. */
export function keyedHeaders(entries: Readonly<Record<string, string>>): Headers {
  try {
    return new Headers(entries);
  } catch {
    throw new TakingsError(
      "invalid",
      "the request to Stripe could not be made, because a header has characters that cannot be sent: check the API key",
    );
  }
}

/**
 * The reason of a failed `fetch`, which is in its causes. The message of an error without a cause may be about a request that
 * was not sent, and show the key.
 */
export function requestFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error) return "code" in cause ? String(cause.code) : cause.message;
  return error.name === "TimeoutError" ? "no complete response in time" : error.name;
}
