/** The limits of the liveness probe in the chart. */
const timeoutMs = 5_000;

/** Whether the liveness probe succeeds. */
export async function isAlive(adminUrl: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(`${adminUrl}/livez`, { signal, headers: { connection: "close" } });
    return response.ok;
  } catch {
    return false;
  }
}
