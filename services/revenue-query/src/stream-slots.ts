import { HttpProblem } from "./http-problem.ts";

/** How many streams may run at once: for one caller, and for all together. */
export type StreamLimits = { readonly perCaller: number; readonly total: number };

/** Takes a place for a stream and returns what gives it back. @throws HttpProblem 429 or 503 when there is none. */
export type AcquireStreamSlot = (caller: string) => () => void;

const retryAfterSeconds = 5;
/** The share of all places that only those get who have none yet. */
const firstStreams = 1 / 4;

/** Bounds how many streams run at once, so that few callers cannot hold all places however slowly they read. */
export function createStreamSlots({ perCaller, total }: StreamLimits): AcquireStreamSlot {
  const running = new Map<string, number>();
  const forFurther = Math.ceil(total * (1 - firstStreams));
  let all = 0;
  return (caller) => {
    const own = running.get(caller) ?? 0;
    if (own >= perCaller) {
      const detail = `Too many concurrent streams (limit ${perCaller}); retry when one has ended.`;
      throw new HttpProblem(429, detail, { retryAfterSeconds });
    }
    if (own > 0 && all >= forFurther) {
      const detail = `You have ${own} concurrent streams; the remaining capacity is reserved for callers without one. Retry later.`;
      throw new HttpProblem(429, detail, { retryAfterSeconds });
    }
    if (all >= total) {
      const detail = `Too many concurrent streams in total (limit ${total}); retry later.`;
      throw new HttpProblem(503, detail, { retryAfterSeconds });
    }
    all += 1;
    running.set(caller, own + 1);
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      all -= 1;
      const left = (running.get(caller) ?? 1) - 1;
      if (left === 0) running.delete(caller);
      else running.set(caller, left);
    };
  };
}
