import { eventually } from "@takings/testkit";
import type { CaseContext } from "../fault-case.ts";

/** What revenue-query returned, with the time as of which it was returned. */
export type RecordedResponse = { readonly asOf: string; readonly totals: string };

/** Reads the totals now; retries, because a recording may seem to be in progress for long while a clock jumps. */
export function readPinned(context: CaseContext): Promise<RecordedResponse> {
  return eventually("a response", () => readRevenue(context));
}

async function readRevenue({ harness }: CaseContext, asOf?: string): Promise<RecordedResponse> {
  const pinned = asOf === undefined ? {} : { as_recorded_at: asOf };
  const response = await harness.reader.revenue({ account: "*", ...pinned });
  return { asOf: response.as_of, totals: JSON.stringify(response.totals) };
}

/** Reads each response again as of its own time; one that differs is a violation. */
export async function verifyPinned(
  context: CaseContext,
  responses: readonly RecordedResponse[],
): Promise<void> {
  for (const { asOf, totals } of responses) {
    const again = await readRevenue(context, asOf).then(({ totals: now }) => now, String);
    if (again === totals) continue;
    context.reportViolation("ONCE", `as of ${asOf}: first ${totals}, then ${again}`);
    return;
  }
}
