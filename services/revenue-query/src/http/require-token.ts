import { sendProblem } from "@takings/runtime";
import type { RequestHandler } from "express";
import { tokenOf } from "./identify-caller.ts";
import type { TokenCheck } from "./tokens.ts";

/** Rejects requests without an accepted bearer token (RFC 6750) with 401. */
export function requireToken(isAccepted: TokenCheck): RequestHandler {
  return (request, response, next) => {
    const token = tokenOf(request);
    if (token !== undefined && isAccepted(token)) {
      next();
      return;
    }
    response.set("www-authenticate", token === undefined ? "Bearer" : 'Bearer error="invalid_token"');
    const detail =
      token === undefined
        ? "A token is required: send it as `Authorization: Bearer …`."
        : "The token is not accepted: send one of the configured API tokens.";
    sendProblem(response, { status: 401, detail });
  };
}
