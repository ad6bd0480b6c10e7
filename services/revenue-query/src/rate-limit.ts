import { sendProblem } from "@takings/runtime";
import type { RequestHandler } from "express";
import { rateLimit } from "express-rate-limit";
import { callerOf } from "./caller.ts";

const windowMs = 60_000;

/** Answers 429 to whoever asks more often in a minute, and tells everybody how much is left. */
export function rateLimitRequests(perMinute: number): RequestHandler {
  return rateLimit({
    windowMs,
    limit: perMinute,
    standardHeaders: "draft-8",
    legacyHeaders: false,
    keyGenerator: (_, response) => callerOf(response),
    // It would look for mistakes in the use of X-Forwarded-For, which is not used.
    validate: false,
    // The library has set Retry-After by then.
    handler: (_, response) => {
      const detail = `More than ${perMinute} requests within a minute: retry after the time in Retry-After.`;
      sendProblem(response, { status: 429, detail });
    },
  });
}
