import type { Logger } from "@takings/runtime";
import type { ErrorRequestHandler, RequestHandler, Response } from "express";
import { problemOf } from "../http/error-handlers.ts";
import { sendPage } from "./access/send-page.ts";
import { pageHeaders } from "./page-headers.ts";
import { problemView } from "./views/problem.ts";

/** Shows that there is nothing at a path. It says no more to someone who is signed in than to a stranger. */
export const showNotFound: readonly RequestHandler[] = [
  pageHeaders,
  (_, response) => sendPage(response, problemView(404, "There is nothing at this address.")),
];

/** Shows that a view supports only reading. */
export const showMethodNotAllowed: RequestHandler = (_, response) => {
  response.set("allow", "GET, HEAD");
  return sendPage(response, problemView(405, "This path supports only GET and HEAD."));
};

/** Shows any thrown value as a problem, and cuts a response off that has already started. Unexpected errors are logged. */
export function showErrors(log: Logger): readonly ErrorRequestHandler[] {
  return [
    // A path that cannot be decoded never came to the headers of a view.
    (error: unknown, request, response, next) => pageHeaders(request, response, () => next(error)),
    async (error: unknown, request, response: Response, _next) => {
      const { status, message, errors, retryAfterSeconds } = problemOf(error, request, log);
      if (response.headersSent) {
        response.destroy();
        return;
      }
      if (retryAfterSeconds !== undefined) response.set("retry-after", String(retryAfterSeconds));
      await sendPage(response, problemView(status, message, errors));
    },
  ];
}
