import { keyedHeaders } from "@takings/wire";

/** How to reach Stripe. */
export type StripeAccess = {
  /** A restricted key that may write webhook endpoints; docs/configuration.md lists the permissions. */
  readonly apiKey: string;
  readonly apiUrl: URL;
  /** Cancels requests in progress. */
  readonly stopping: AbortSignal;
  /** How long a complete response may take; 30 s by default. */
  readonly responseTimeoutMs?: number | undefined;
};

/** A request for webhook endpoints. */
export type StripeRequest = {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  /** Of a GET the query, of a POST the form, as Stripe writes nested names: `metadata[key]`. */
  readonly parameters: readonly [string, string][];
  /** Repetitions of a POST with one key have one effect: https://docs.stripe.com/api/idempotent_requests */
  readonly idempotencyKey?: string;
};

/** A complete response. */
export type StripeResponse = {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed JSON; `undefined` where it is none. */
  readonly body: unknown;
};

const defaultResponseTimeoutMs = 30_000;

/**
 * Sends a request once. Not by Stripe's library, whose errors about answers that are no JSON objects cannot be caught.
 * @throws Error where there is no complete response in time, TakingsError `invalid` for a key that cannot be sent.
 */
export async function sendRequest(
  { apiKey, apiUrl, stopping, responseTimeoutMs = defaultResponseTimeoutMs }: StripeAccess,
  { method, path, parameters, idempotencyKey }: StripeRequest,
  apiVersion: string,
): Promise<StripeResponse> {
  const url = new URL(path, apiUrl);
  const form = new URLSearchParams(parameters);
  if (method === "GET") url.search = form.toString();
  const response = await fetch(url, {
    method,
    headers: keyedHeaders({
      authorization: `Bearer ${apiKey}`,
      "stripe-version": apiVersion,
      ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
    }),
    ...(method === "POST" && { body: form }),
    // Redirects are not followed, because the API key must not be sent anywhere else.
    redirect: "manual",
    signal: AbortSignal.any([stopping, AbortSignal.timeout(responseTimeoutMs)]),
  });
  return { status: response.status, headers: response.headers, body: parse(await response.text()) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
