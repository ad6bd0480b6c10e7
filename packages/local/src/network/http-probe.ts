import { errorCode } from "../failure.ts";

/** True when a GET is answered with 200 in good time. */
export async function isOk(url: string): Promise<boolean> {
  return (await probeFailure(url)) === undefined;
}

/** Why a GET is not answered with 200 in good time, in the words of whoever answers; undefined when it is. */
export async function probeFailure(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    const text = (await response.text()).trim().slice(0, 200);
    return response.status === 200 ? undefined : `it answers ${response.status} ${text}`;
  } catch (error) {
    return fetchFailureReason(error);
  }
}

/** What kept a request from being answered: fetch itself says no more than "fetch failed". */
export function fetchFailureReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "no response in time";
  const reason = error.cause instanceof Error ? error.cause : error;
  const code = errorCode(reason);
  return code === "ECONNREFUSED" ? "nobody listens there" : (code ?? reason.message);
}
