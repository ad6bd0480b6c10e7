/** A failure whose message is shown to the user as it is, without a stack trace. */
export class LocalFailure extends Error {
  override readonly name = "LocalFailure";
}

/** What to print for an error: one sentence when the cause is the machine, else with the stack trace. */
export function explain(error: unknown): string {
  if (error instanceof LocalFailure) return error.message;
  if (!(error instanceof Error)) return String(error);
  return fileErrorMessage(error) ?? error.stack ?? error.message;
}

const fileErrorHints: ReadonlyMap<string | undefined, string> = new Map([
  ["ENOSPC", "there is no space left on its disk: make room and start again"],
  ["EDQUOT", "the disk quota of this user is used up: make room and start again"],
  ["EROFS", "its file system is read-only: make it writable, or use another folder"],
  ["EACCES", "this user may not use it: give it to the user who runs this, or use another folder"],
  ["EPERM", "this user may not use it: give it to the user who runs this, or use another folder"],
]);

// An error of the disk or of access rights is no defect of the program.
function fileErrorMessage(error: Error): string | undefined {
  const hint = fileErrorHints.get(errorCode(error));
  if (hint === undefined || !("syscall" in error)) return undefined;
  const what = "path" in error ? String(error.path) : "A file that is written";
  return `${what}: ${hint} (${errorCode(error)}).`;
}

/** The system's code of an error (such as ENOENT), or undefined. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
