/** What is wrong with one parameter. */
export type ParameterError = { readonly parameter: string; readonly detail: string };

type Extras = {
  readonly errors?: readonly ParameterError[];
  /** Sent as `Retry-After`. */
  readonly retryAfterSeconds?: number;
};

/** An error response that a route decided on; sent as a problem document (RFC 9457) with these fields. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly errors: readonly ParameterError[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, detail: string, { errors, retryAfterSeconds }: Extras = {}) {
    super(detail);
    this.name = "HttpProblem";
    this.status = status;
    this.errors = errors;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** A 400 that names every bad parameter. */
export function badParameters(errors: readonly ParameterError[]): HttpProblem {
  const names = [...new Set(errors.map((error) => error.parameter))].join(", ");
  return new HttpProblem(400, `Invalid parameters: ${names}. See \`errors\` for each of them.`, { errors });
}
