import { TakingsError } from "@takings/domain";
import { type Logger, sendProblem } from "@takings/runtime";
import type { ErrorRequestHandler, RequestHandler } from "express";
import { HttpProblem } from "./http-problem.ts";

const retryAfterSeconds = 2;

const unavailability = {
  unavailable: "The request cannot be answered right now; retry shortly.",
  stale:
    "Answers are held back, because what could be told is more than a minute old or not settled; the cause is in the service's log.",
};

/** Answers whatever is no path. */
export const handleNotFound: RequestHandler = (_, response) => {
  sendProblem(response, {
    status: 404,
    detail: "There is nothing at this path; see /openapi.json for what there is.",
  });
};

/** Answers a method that a path does not have. */
export const handleMethodNotAllowed: RequestHandler = (_, response) => {
  response.set("allow", "GET, HEAD");
  sendProblem(response, { status: 405, detail: "This path can be read with GET or HEAD only." });
};

/** Turns whatever was thrown into a problem document; faults are logged, and their details told to nobody else. */
export function handleErrors(log: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    if (error instanceof HttpProblem) {
      if (error.retryAfterSeconds !== undefined) response.set("retry-after", String(error.retryAfterSeconds));
      const errors = error.errors === undefined ? {} : { errors: error.errors };
      sendProblem(response, { status: error.status, detail: error.message, ...errors });
    } else if (isBadPath(error)) {
      sendProblem(response, { status: 400, detail: "The path has a malformed percent-encoding." });
    } else if (error instanceof TakingsError && error.code !== "invalid") {
      log.error({ err: error, method: request.method, path: request.path }, "query_unavailable");
      response.set("retry-after", String(retryAfterSeconds));
      sendProblem(response, { status: 503, detail: unavailability[error.code] });
    } else {
      log.error({ err: error, method: request.method, path: request.path }, "query_failed");
      sendProblem(response, {
        status: 500,
        detail: "The service failed on this request; see its log.",
      });
    }
  };
}

/** Express gives a 400 to the error of decoding a path parameter. */
function isBadPath(error: unknown): boolean {
  return error instanceof URIError || (error instanceof Error && "status" in error && error.status === 400);
}
