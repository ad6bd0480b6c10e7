import { sendProblem } from "@takings/runtime";
import type { RequestHandler } from "express";
import { scopeOf, tokenOf } from "./identify-caller.ts";

/** Rejects requests of callers that were not identified by an accepted bearer token (RFC 6750) with 401. */
export const requireToken: RequestHandler = (request, response, next) => {
  if (scopeOf(response) !== undefined) {
    next();
    return;
  }
  const isWithout = tokenOf(request) === undefined;
  response.set("www-authenticate", isWithout ? "Bearer" : 'Bearer error="invalid_token"');
  const detail = isWithout
    ? "A token is required: send it as `Authorization: Bearer …`."
    : "The token is not accepted: send one of the configured API tokens.";
  sendProblem(response, { status: 401, detail });
};
