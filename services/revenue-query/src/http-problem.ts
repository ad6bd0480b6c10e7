/** What is wrong with one parameter, in words for whoever sent it. */
export type ParameterError = { readonly parameter: string; readonly detail: string };

/** An answer other than success that a route decided on; becomes a problem document as it is. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly errors: readonly ParameterError[] | undefined;

  constructor(status: number, detail: string, errors?: readonly ParameterError[]) {
    super(detail);
    this.name = "HttpProblem";
    this.status = status;
    this.errors = errors;
  }
}

/** A 400 that names every bad parameter. */
export function badParameters(errors: readonly ParameterError[]): HttpProblem {
  const names = [...new Set(errors.map((error) => error.parameter))].join(", ");
  return new HttpProblem(400, `The request was not answered because of these parameters: ${names}.`, errors);
}
