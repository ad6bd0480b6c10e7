import { TakingsError } from "@takings/domain";
import { type Logger, sendProblem } from "@takings/runtime";
import type { ErrorRequestHandler, RequestHandler } from "express";
import { HttpProblem } from "./http-problem.ts";

const retryAfterSeconds = 2;

/** What is said of an outage, by the code of its error. */
export const unavailability: Readonly<Record<"unavailable" | "stale", string>> = {
  unavailable: "The database is unavailable or too slow right now; retry later.",
  stale:
    "Results are held back because the safe read time is more than a minute old or unknown. The cause is in the service's log; retry later.",
};

/** Responds to unknown paths. */
export const handleNotFound: RequestHandler = (_, response) => {
  sendProblem(response, {
    status: 404,
    detail: "There is nothing at this path; see /openapi.json for all paths.",
  });
};

/** Responds to methods that a path does not support. */
export const handleMethodNotAllowed: RequestHandler = (_, response) => {
  response.set("allow", "GET, HEAD");
  sendProblem(response, { status: 405, detail: "This path supports only GET and HEAD." });
};

/** Turns any thrown value into a problem document. Unexpected errors are logged, and their details stay in the log. */
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
        detail: "The service failed to process this request; see its log.",
      });
    }
  };
}

/** Express sets status 400 on the error of decoding a path parameter. */
function isBadPath(error: unknown): boolean {
  return error instanceof URIError || (error instanceof Error && "status" in error && error.status === 400);
}
