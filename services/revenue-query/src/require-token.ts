import { sendProblem } from "@takings/runtime";
import type { RequestHandler } from "express";
import { tokenOf } from "./caller.ts";
import type { TokenCheck } from "./tokens.ts";

/** Lets a request pass that carries an accepted bearer token (RFC 6750), and answers 401 to all others. */
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
        ? "Send a token as `Authorization: Bearer …`."
        : "The token is not one of those accepted.";
    sendProblem(response, { status: 401, detail });
  };
}
