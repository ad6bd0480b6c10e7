import { HttpProblem } from "./http-problem.ts";

/** How many streams may run at once: for one caller, and for all together. */
export type StreamLimits = { readonly perCaller: number; readonly total: number };

/** Takes a place for a stream and returns what gives it back. @throws HttpProblem 429 or 503 when there is none. */
export type TakeSlot = (caller: string) => () => void;

const retryAfterSeconds = 5;

/** Bounds how many streams run at once, so that those who read everything leave room for those who ask. */
export function createStreamSlots({ perCaller, total }: StreamLimits): TakeSlot {
  const running = new Map<string, number>();
  let all = 0;
  return (caller) => {
    const own = running.get(caller) ?? 0;
    if (own >= perCaller) {
      const detail = `You have ${own} streams running, and may have ${perCaller}: wait until one of them ends.`;
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
