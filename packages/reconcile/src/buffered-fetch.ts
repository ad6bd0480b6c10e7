/**
 * A `fetch` for Stripe's library that resolves with answers that have come whole, within the time that the library
 * gives. What breaks off is so a failed connection, which the library tries again.
 */
export function bufferedFetch(stopping: AbortSignal): typeof fetch {
  return async (url, init) => {
    const signals = [stopping, init?.signal].filter((signal) => signal instanceof AbortSignal);
    // The key must go nowhere else.
    const response = await fetch(url, { ...init, redirect: "manual", signal: AbortSignal.any(signals) });
    const { status, headers } = response;
    return new Response(safeBody(await response.text()), { status, headers });
  };
}

/** JSON that is no object makes the library throw where nobody can catch it; an empty object is as little of a list. */
function safeBody(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null ? body : "{}";
  } catch {
    return body;
  }
}
