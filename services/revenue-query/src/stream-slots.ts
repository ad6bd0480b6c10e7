import { HttpProblem } from "./http-problem.ts";

/** How many streams may run at once: for one caller, and for all together. */
export type StreamLimits = { readonly perCaller: number; readonly total: number };

/** Takes a place for a stream and returns what gives it back. @throws HttpProblem 429 or 503 when there is none. */
export type TakeSlot = (caller: string) => () => void;

const retryAfterSeconds = 5;
/** The share of all places that only those get who have none yet. */
const firstStreams = 1 / 4;

/** Bounds how many streams run at once, so that few callers cannot hold all places however slowly they read. */
export function createStreamSlots({ perCaller, total }: StreamLimits): TakeSlot {
  const running = new Map<string, number>();
  const forFurther = Math.ceil(total * (1 - firstStreams));
  let all = 0;
  return (caller) => {
    const own = running.get(caller) ?? 0;
    if (own >= perCaller) {
      const detail = `You have ${own} streams running, and may have ${perCaller}: wait until one of them ends.`;
      throw new HttpProblem(429, detail, { retryAfterSeconds });
    }
    if (own > 0 && all >= forFurther) {
      const detail = `You have ${own} streams running, and the places that are left are for those who have none.`;
      throw new HttpProblem(429, detail, { retryAfterSeconds });
    }
    if (all >= total) {
      const detail = `${all} streams are running, which is all there may be: come again when some have ended.`;
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
