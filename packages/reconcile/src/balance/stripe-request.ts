import { keyedHeaders, parseExactJson } from "@takings/wire";
import { Stripe } from "stripe";

/** How to reach Stripe. */
export type BalanceAccess = {
  /** A restricted key that may read balance transactions and payouts. */
  readonly apiKey: string;
  readonly apiUrl: URL;
  /** How long a complete response may take; 30 s by default. */
  readonly responseTimeoutMs?: number | undefined;
};

/** A request for one of Stripe's objects or lists. */
export type StripeRequest = {
  /** Such as `/v1/payouts`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  /** A connected account; `null` is the key's own account. */
  readonly account: string | null;
};

/** A complete response of whatever status. */
export type StripeResponse = {
  readonly status: number;
  readonly headers: Headers;
  /** JSON with exact integers, as of `parseExactJson`; `undefined` where the body is not JSON. */
  readonly body: unknown;
};

const defaultTimeoutMs = 30_000;

/**
 * Sends one request, once. Not by Stripe's library, which reads amounts beyond 2^53 as doubles and repeats requests on its
 * own, so that their rate could not be limited.
 * @throws Error where there is no complete response in time, the reason of `stopping`, or TakingsError `invalid` for a key
 * that cannot be sent.
 */
export async function requestStripe(
  { apiKey, apiUrl, responseTimeoutMs = defaultTimeoutMs }: BalanceAccess,
  { path, query, account }: StripeRequest,
  stopping: AbortSignal,
): Promise<StripeResponse> {
  const url = new URL(path, apiUrl);
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) url.searchParams.append(name, value);
  const response = await fetch(url, {
    headers: keyedHeaders({
      authorization: `Bearer ${apiKey}`,
      "stripe-version": Stripe.API_VERSION,
      ...(account !== null && { "stripe-account": account }),
    }),
    // Redirects are not followed, because the API key must not be sent anywhere else.
    redirect: "manual",
    signal: AbortSignal.any([stopping, AbortSignal.timeout(responseTimeoutMs)]),
  });
  const { status, headers } = response;
  return { status, headers, body: parsed(await response.text()) };
}

function parsed(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch {
    return undefined;
  }
}
