import { STATUS_CODES } from "node:http";
import type { Response } from "express";

/** A problem document (RFC 9457). `title` is that of the status; other members describe this occurrence. */
export type Problem = {
  readonly status: number;
  readonly detail?: string;
  readonly [extension: string]: unknown;
};

/** Sends a problem document; cuts the response off when it has already started. */
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
