/** A failure whose message is meant for the person at the terminal: one sentence, no stack trace. */
export class LocalFailure extends Error {
  override readonly name = "LocalFailure";
}

/** What to print for something thrown: the sentence of a LocalFailure, else everything known. */
export function explain(error: unknown): string {
  if (error instanceof LocalFailure) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** The system's code of an error (such as ENOENT), or undefined. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
