import type { LedgerScope } from "@takings/domain";
import { KeyRefusedError } from "@takings/reconcile";
import { nameOfScope } from "../name-of-scope.ts";

/** What {@link forEachScope} depends on. */
export type ScopesOptions = {
  readonly stopping: AbortSignal;
  /** Prints a sentence for people. */
  readonly say: (line: string) => void;
};

/** Most accounts are small, and most of their time is waiting. */
const maxParallel = 8;

/**
 * Does work for each scope, a bounded number at the same time. The reason of a failure is said when it happens, once for all
 * scopes that have it. The others go on, unless Stripe refuses the key.
 * @throws Error after all are done: the only reason, or which scopes did not finish.
 */
export async function forEachScope(
  scopes: readonly LedgerScope[],
  work: (scope: LedgerScope, stopping: AbortSignal) => Promise<void>,
  { stopping, say }: ScopesOptions,
): Promise<void> {
  const refused = new AbortController();
  const ending = AbortSignal.any([stopping, refused.signal]);
  const failed: LedgerScope[] = [];
  const reasons = new Set<string>();
  const handle = (scope: LedgerScope, error: unknown): void => {
    // The others fail because of it.
    if (ending.aborted) return;
    if (error instanceof KeyRefusedError) {
      refused.abort(error);
      return;
    }
    failed.push(scope);
    const reason = error instanceof Error ? error.message : String(error);
    if (scopes.length > 1 && !reasons.has(reason)) say(`${nameOfScope(scope)}: ${reason}`);
    reasons.add(reason);
  };
  const queue = scopes.values();
  const next = async (): Promise<void> => {
    for (const scope of queue) {
      if (ending.aborted) return;
      await work(scope, ending).catch((error: unknown) => handle(scope, error));
    }
  };
  await Promise.all(Array.from({ length: maxParallel }, next));
  ending.throwIfAborted();
  if (failed.length === 0) return;
  if (scopes.length === 1) throw new Error([...reasons].join());
  throw new Error(
    `${failed.length} of ${scopes.length} did not finish: ${failed.map(nameOfScope).join(", ")}`,
  );
}
