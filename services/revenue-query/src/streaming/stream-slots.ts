import { HttpProblem } from "../http/http-problem.ts";

/** How many streams may run concurrently: per caller, and in total. */
export type StreamLimits = { readonly perCaller: number; readonly total: number };

/** Takes a slot for a stream and returns the function that frees it. @throws HttpProblem 429 or 503 if none is free. */
export type AcquireStreamSlot = (caller: string) => () => void;

const retryAfterSeconds = 5;
/** The share of all slots that is reserved for callers without a stream. */
const reservedShare = 1 / 4;

/** Limits concurrent streams, so that a few slow callers cannot occupy all slots. */
export function createStreamSlots({ perCaller, total }: StreamLimits): AcquireStreamSlot {
  const streamsByCaller = new Map<string, number>();
  const unreserved = Math.ceil(total * (1 - reservedShare));
  let running = 0;
  return (caller) => {
    const own = streamsByCaller.get(caller) ?? 0;
    if (own >= perCaller) {
      const detail = `Too many concurrent streams (limit ${perCaller}); retry when one has ended.`;
      throw new HttpProblem(429, detail, { retryAfterSeconds });
    }
    if (own > 0 && running >= unreserved) {
      const detail = `You have ${own} concurrent streams; the remaining capacity is reserved for callers without one. Retry later.`;
      throw new HttpProblem(429, detail, { retryAfterSeconds });
    }
    if (running >= total) {
      const detail = `Too many concurrent streams in total (limit ${total}); retry later.`;
      throw new HttpProblem(503, detail, { retryAfterSeconds });
    }
    running += 1;
    streamsByCaller.set(caller, own + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      running -= 1;
      const left = (streamsByCaller.get(caller) ?? 1) - 1;
      if (left === 0) streamsByCaller.delete(caller);
      else streamsByCaller.set(caller, left);
    };
  };
}
