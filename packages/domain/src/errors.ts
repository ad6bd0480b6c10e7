/** What kind of trouble it is, which decides what may be done about it. */
export type ErrorCode =
  /** The content is wrong; repeating it will not help. */
  | "invalid"
  /** What could be told is too old to be told; a person has to look. */
  | "stale"
  /** A part we depend on is away, slow or in doubt; the same call may work later. */
  | "unavailable";

/** An error that crosses from an adapter into a service. Anything else that is thrown is a defect. */
export class TakingsError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TakingsError";
    this.code = code;
  }
}
