import { RevenueQueryError } from "@takings/simulator";
import type { CaseContext } from "./fault-case.ts";
import { eventually } from "@takings/testkit";
import { setTimeout as delay } from "node:timers/promises";

/** What revenue-query told, and as of when. */
export type RecordedResponse = { readonly asOf: string; readonly totals: string };

/** Reads revenue repeatedly, until it is stopped or disposed of. */
export type ResponseRecorder = AsyncDisposable & {
  /** The latest response so far. */
  latest(): RecordedResponse | undefined;
  /** Ends the reading; resolves with all responses. */
  stop(): Promise<readonly RecordedResponse[]>;
};

const pauseMs = 100;
/** So many responses are compared, evenly spread over all of them. */
const maxCompared = 60;

/** Totals as of the present, or as of an earlier response. */
export async function readTotals({ harness }: CaseContext, asOf?: string): Promise<RecordedResponse> {
  const pinned = asOf === undefined ? {} : { as_recorded_at: asOf };
  const response = await harness.reader.revenue({ account: "*", ...pinned });
  return { asOf: response.as_of, totals: JSON.stringify(response.totals) };
}

/** Totals as of the present; retries, because a recording may seem to be in progress for long while a clock jumps. */
export function awaitTotals(context: CaseContext): Promise<RecordedResponse> {
  return eventually("a response", () => readTotals(context));
}

/** Records what revenue-query tells during a fault. Any refusal but 503 is a violation, and so is a time that goes back. */
export function recordResponses(context: CaseContext): ResponseRecorder {
  const responses: RecordedResponse[] = [];
  const stopping = new AbortController();
  const record = (response: RecordedResponse): void => {
    const before = responses.at(-1);
    if (before !== undefined && Date.parse(response.asOf) < Date.parse(before.asOf))
      context.reportViolation("ONCE", `as_of went back from ${before.asOf} to ${response.asOf}`);
    responses.push(response);
  };
  const reading = (async () => {
    while (!stopping.signal.aborted) {
      await readTotals(context).then(record, (error: unknown) => {
        const is503 = error instanceof RevenueQueryError && error.status === 503;
        if (!is503) context.reportViolation("LIVE", `revenue-query: ${String(error)}`);
      });
      await delay(pauseMs);
    }
  })();
  const stop = async (): Promise<readonly RecordedResponse[]> => {
    stopping.abort();
    await reading;
    return responses;
  };
  return {
    latest: () => responses.at(-1),
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
}

/** What was told must be told again as of the same time; otherwise that is a violation. */
export async function compareResponses(
  context: CaseContext,
  responses: readonly RecordedResponse[],
): Promise<void> {
  const distinct = [...new Map(responses.map((response) => [JSON.stringify(response), response])).values()];
  const step = Math.ceil(distinct.length / maxCompared);
  for (const { asOf, totals } of distinct.filter((_, index) => index % step === 0)) {
    const again = await eventually("a response as of an earlier one", () => readTotals(context, asOf)).then(
      ({ totals: now }) => now,
      String,
    );
    if (again === totals) continue;
    context.reportViolation("ONCE", `as of ${asOf}: first ${totals}, then ${again}`);
    return;
  }
}
