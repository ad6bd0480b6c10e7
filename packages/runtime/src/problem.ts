import { STATUS_CODES } from "node:http";
import type { Response } from "express";

/** A problem document (RFC 9457). `title` follows from the status; other members explain this occurrence. */
export type Problem = {
  readonly status: number;
  readonly detail?: string;
  readonly [extension: string]: unknown;
};

/** Answers with a problem document, unless the answer is already under way. */
export function sendProblem(response: Response, problem: Problem): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response
    .status(problem.status)
    .set("content-type", "application/problem+json")
    .send(JSON.stringify({ type: "about:blank", title: STATUS_CODES[problem.status], ...problem }));
}
