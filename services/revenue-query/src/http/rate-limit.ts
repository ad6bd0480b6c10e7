import { sendProblem } from "@takings/runtime";
import type { RequestHandler } from "express";
import { rateLimit } from "express-rate-limit";
import { callerOf } from "./identify-caller.ts";
import { createRequestWindows } from "./request-windows.ts";

const windowMs = 60_000;

/** Rejects requests beyond a caller's limit per minute with 429, and sends every caller its remaining quota. */
export function rateLimitRequests(perMinute: number): RequestHandler {
  return rateLimit({
    windowMs,
    store: createRequestWindows(windowMs),
    limit: perMinute,
    standardHeaders: "draft-8",
    legacyHeaders: false,
    keyGenerator: (_, response) => callerOf(response),
    // The validation looks for misuse of X-Forwarded-For, which is not used here.
    validate: false,
    // By this time the library has set Retry-After.
    handler: (_, response) => {
      const detail = `Too many requests (limit ${perMinute} per minute); retry after the time in Retry-After.`;
      sendProblem(response, { status: 429, detail });
    },
  });
}
