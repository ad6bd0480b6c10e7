/**
 * A `fetch` for Stripe's library that resolves only when the response is complete, within the library's timeout. An
 * incomplete response therefore counts as a failed connection, which the library retries.
 */
export function bufferedFetch(stopping: AbortSignal): typeof fetch {
  return async (url, init) => {
    const signals = [stopping, init?.signal].filter((signal) => signal instanceof AbortSignal);
    // Redirects are not followed, because the API key must not be sent anywhere else.
    const response = await fetch(url, { ...init, redirect: "manual", signal: AbortSignal.any(signals) });
    const { status, headers } = response;
    return new Response(safeBody(await response.text()), { status, headers });
  };
}

/** JSON that is not an object makes the library throw an uncatchable error. An empty object is not a list either. */
function safeBody(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null ? body : "{}";
  } catch {
    return body;
  }
}
