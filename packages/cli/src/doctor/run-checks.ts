import { TakingsError } from "@takings/domain";
import { ConfigError } from "@takings/runtime";
import { type Check, type Finding, notAsked, unknown } from "./check.ts";

/** A check and what it found. */
export type Result = { readonly name: string } & Finding;

/** How checks are run. */
export type RunOptions = {
  /** A check that takes longer is unknown. */
  readonly limitMs: number;
  /** Called at intervals with the names of the checks that still run. */
  readonly onWaiting: (names: readonly string[]) => void;
};

const progressIntervalMs = 2_000;

/** Runs all checks at the same time. Resolves with what each found, in their order; never rejects. */
export async function runChecks(
  checks: readonly Check[],
  { limitMs, onWaiting }: RunOptions,
): Promise<readonly Result[]> {
  const waiting = new Set(checks.map(({ name }) => name));
  const timer = setInterval(() => onWaiting([...waiting]), progressIntervalMs);
  const results = await Promise.all(
    checks.map(async (check) => {
      const finding = await withinLimit(check, limitMs);
      waiting.delete(check.name);
      return { name: check.name, ...finding };
    }),
  );
  clearInterval(timer);
  return results;
}

async function withinLimit({ run }: Check, limitMs: number): Promise<Finding> {
  const late = Promise.withResolvers<Finding>();
  const timer = setTimeout(() => late.resolve(tooLate(limitMs)), limitMs);
  try {
    return await Promise.race([run(), late.promise]);
  } catch (error) {
    return failed(error);
  } finally {
    clearTimeout(timer);
  }
}

function tooLate(limitMs: number): Finding {
  return unknown(
    `no answer within ${limitMs / 1_000} s`,
    "run it again; if it stays, check the load and the network",
  );
}

function failed(error: unknown): Finding {
  if (isForbidden(error))
    return notAsked(`the login that is used here may not read this (${reasonOf(error)})`);
  if (error instanceof ConfigError)
    return unknown(`its settings are wrong: ${error.problems.join("; ")}`, "correct them");
  return unknown(reasonOf(error), "run it again once the other checks are well");
}

/** PostgreSQL's `insufficient_privilege`, and the NATS client's name of a refused publication. */
const forbidden: readonly unknown[] = ["42501", "PERMISSIONS_VIOLATION"];

/** Whether a server refused, because the login has no right to ask. */
export function isForbidden(error: unknown): boolean {
  const cause: unknown = error instanceof TakingsError ? error.cause : error;
  return cause instanceof Error && "code" in cause && forbidden.includes(cause.code);
}

/** The first line of what went wrong. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n")[0] ?? "";
}
