/** What is wrong with one parameter, in words for whoever sent it. */
export type ParameterError = { readonly parameter: string; readonly detail: string };

type Extras = {
  readonly errors?: readonly ParameterError[];
  /** When it may be worth to ask again. */
  readonly retryAfterSeconds?: number;
};

/** An answer other than success that a route decided on; becomes a problem document as it is. */
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
  const detail = `The request was not answered because of these parameters: ${names}.`;
  return new HttpProblem(400, detail, { errors });
}
