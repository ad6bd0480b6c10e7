/** The kind of failure, which decides how it is handled. */
export type ErrorCode =
  /** The content is wrong; a retry will not help. */
  | "invalid"
  /** The data that could be returned is too old; an operator has to investigate. */
  | "stale"
  /** A dependency is unavailable or slow, or the outcome is unknown; a retry may help. */
  | "unavailable";

/** An error that an adapter reports to a service. Anything else that is thrown is a defect. */
export class TakingsError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TakingsError";
    this.code = code;
  }
}
