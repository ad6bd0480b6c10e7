/** What one check found. */
export type Finding = {
  readonly status: "ok" | "todo" | "unknown";
  /** False where nothing was checked, because it is not configured here; its status is `ok` then. */
  readonly asked: boolean;
  /** What was found, or why nothing was. */
  readonly found: string;
  /** What to do, where something is. */
  readonly advice: string | undefined;
};

/** One thing that is checked. */
export type Check = {
  /** Its group and its own name, such as `database/roles`. */
  readonly name: string;
  /** A check that rejects is reported as unknown. */
  readonly run: () => Promise<Finding>;
};

/** All is well. */
export function ok(found: string): Finding {
  return { status: "ok", asked: true, found, advice: undefined };
}

/** Something must be done. @param advice a command, a setting or a runbook. */
export function todo(found: string, advice: string): Finding {
  return { status: "todo", asked: true, found, advice };
}

/** It could not be found out. */
export function unknown(found: string, advice: string): Finding {
  return { status: "unknown", asked: true, found, advice };
}

/** Nothing was checked. @param reason what is not configured here. */
export function notAsked(reason: string): Finding {
  return { status: "ok", asked: false, found: `not asked: ${reason}`, advice: undefined };
}

/** The finding of several faults with one advice, or all is well. */
export function faultsOr(faults: readonly string[], advice: string, well: string): Finding {
  return faults.length === 0 ? ok(well) : todo(faults.join("; "), advice);
}
