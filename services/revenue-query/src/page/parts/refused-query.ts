import { HttpProblem } from "../../http/http-problem.ts";

/**
 * Whether a query cannot be answered as it is, but another one can: a parameter is wrong, or the token may not read what it
 * asks for. Then the form is shown, so that the reader can ask for something else.
 */
export function isRefusedQuery(error: unknown): error is HttpProblem {
  return error instanceof HttpProblem && (error.status === 400 || error.status === 403);
}
