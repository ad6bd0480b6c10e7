import { sendProblem } from "@takings/runtime";
import type { NextFunction, Request, RequestHandler, Response } from "express";
import { rateLimit } from "express-rate-limit";
import { callerOf } from "./identify-caller.ts";
import { createRequestWindows } from "./request-windows.ts";

const windowMs = 60_000;

/** What is limited per minute. */
export type MinuteLimit = {
  readonly limit: number;
  /** Answers a request beyond the limit. `Retry-After` is set already. */
  readonly refuse: (request: Request, response: Response) => void | Promise<void>;
};

/** Refuses requests of a caller beyond a limit per minute, and sends the remaining quota. */
export function limitPerMinute({ limit, refuse }: MinuteLimit): RequestHandler {
  return rateLimit({
    windowMs,
    store: createRequestWindows(windowMs),
    limit,
    standardHeaders: "draft-8",
    legacyHeaders: false,
    keyGenerator: (_, response) => callerOf(response),
    // The validation looks for misuse of X-Forwarded-For, which is not used here.
    validate: false,
    // The library waits for no promise.
    handler: (request, response, next) => void answer(refuse, request, response, next),
  });
}

async function answer(
  refuse: MinuteLimit["refuse"],
  request: Request,
  response: Response,
  next: NextFunction,
): Promise<void> {
  try {
    await refuse(request, response);
  } catch (error) {
    next(error);
  }
}

/** Rejects requests beyond a caller's limit per minute with 429, and sends every caller its remaining quota. */
export function rateLimitRequests(perMinute: number): RequestHandler {
  return limitPerMinute({
    limit: perMinute,
    refuse(_, response) {
      const detail = `Too many requests (limit ${perMinute} per minute); retry after the time in Retry-After.`;
      sendProblem(response, { status: 429, detail });
    },
  });
}
