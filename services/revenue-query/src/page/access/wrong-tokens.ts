import type { Request, RequestHandler } from "express";
import { callerByAddress } from "../../http/identify-caller.ts";
import { createRequestWindows } from "../../http/request-windows.ts";
import { problemView } from "../views/problem.ts";
import { sendPage } from "./send-page.ts";

/**
 * The wrong tokens of each address: a caller without an accepted token has nothing else. Right ones are not counted, not even while
 * they are being answered, so that nobody is refused for sending many at once.
 */
export type WrongTokens = {
  /** Refuses an address that sent too many, whatever token it sends now: otherwise it could go on guessing. */
  readonly refuse: RequestHandler;
  readonly count: (request: Request) => void;
};

const windowMs = 60_000;

/** Creates the count, of which an address may reach `perMinute` within a minute. */
export function createWrongTokens(perMinute: number): WrongTokens {
  const windows = createRequestWindows(windowMs);
  return {
    async refuse(request, response, next) {
      const { totalHits, resetTime } = windows.get(callerByAddress(request));
      if (totalHits < perMinute) {
        next();
        return;
      }
      response.set("retry-after", String(Math.ceil((Number(resetTime) - Date.now()) / 1_000)));
      const detail = `Too many wrong tokens came from your address (limit ${perMinute} per minute). Wait a minute.`;
      await sendPage(response, problemView(429, detail));
    },
    count: (request) => void windows.increment(callerByAddress(request)),
  };
}
