import { TakingsError } from "@takings/domain";
import { type Logger, sendProblem } from "@takings/runtime";
import type { ErrorRequestHandler, Request, RequestHandler } from "express";
import { HttpProblem } from "./http-problem.ts";

const retryAfterSeconds = 2;

/** What is said of an outage, by the code of its error. */
export const unavailability: Readonly<Record<"unavailable" | "stale", string>> = {
  unavailable: "The database is unavailable or too slow right now; retry later.",
  stale:
    "Results are held back because the safe read time is more than a minute old or unknown. The cause is in the service's log; retry later.",
};

/** Responds to unknown paths of the API. */
export const handleNotFound: RequestHandler = (_, response) => {
  sendProblem(response, {
    status: 404,
    detail: "There is nothing at this path; see /openapi.json for all paths.",
  });
};

/** Responds to methods that a path of the API does not support. */
export const handleMethodNotAllowed: RequestHandler = (_, response) => {
  response.set("allow", "GET, HEAD");
  sendProblem(response, { status: 405, detail: "This path supports only GET and HEAD." });
};

/** Turns any thrown value into a problem document. Unexpected errors are logged, and their details stay in the log. */
export function handleErrors(log: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const { status, message, errors, retryAfterSeconds } = problemOf(error, request, log);
    if (retryAfterSeconds !== undefined) response.set("retry-after", String(retryAfterSeconds));
    sendProblem(response, { status, detail: message, ...(errors !== undefined && { errors }) });
  };
}

/** What is said of any thrown value. Unexpected errors are logged, and their details stay in the log. */
export function problemOf(error: unknown, { method, path }: Request, log: Logger): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (isBadPath(error)) return new HttpProblem(400, "The path has a malformed percent-encoding.");
  if (error instanceof TakingsError && error.code !== "invalid") {
    log.error({ err: error, method, path }, "query_unavailable");
    return new HttpProblem(503, unavailability[error.code], { retryAfterSeconds });
  }
  log.error({ err: error, method, path }, "query_failed");
  return new HttpProblem(500, "The service failed to process this request; see its log.");
}

/** Express sets status 400 on the error of decoding a path parameter. */
function isBadPath(error: unknown): boolean {
  return error instanceof URIError || (error instanceof Error && "status" in error && error.status === 400);
}
