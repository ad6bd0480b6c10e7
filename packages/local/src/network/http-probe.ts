import { errorCode } from "../failure.ts";

/** True when a GET is answered with 200 within 2 s. */
export async function isOk(url: string): Promise<boolean> {
  return (await probeFailure(url)) === undefined;
}

/** Why a GET is not answered with 200 within 2 s, with the text of the response; undefined when it is. */
export async function probeFailure(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    const text = (await response.text()).trim().slice(0, 200);
    return response.status === 200 ? undefined : `it answers ${response.status} ${text}`;
  } catch (error) {
    return fetchFailureReason(error);
  }
}

/** Why a request got no response; the message of fetch itself is only "fetch failed". */
export function fetchFailureReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "timeout";
  const reason = error.cause instanceof Error ? error.cause : error;
  const code = errorCode(reason);
  return code === "ECONNREFUSED" ? "connection refused" : (code ?? reason.message);
}
