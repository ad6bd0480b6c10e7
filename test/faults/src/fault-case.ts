import type { Random } from "@takings/simulator";
import type { History } from "./history.ts";
import type { Invariant } from "./invariants.ts";
import type { Harness, HarnessOptions } from "./harness.ts";
import type { Sender } from "./sender.ts";

/** What a case works with. */
export type CaseContext = {
  readonly harness: Harness;
  /** Sends all the time, unless the case is `quiet`. */
  readonly sender: Sender;
  /** For what a case sends past the sender. */
  readonly history: History;
  /** The same choices for the same seed. */
  readonly random: Random;
  /** The number of this cycle, from 0. */
  readonly cycle: number;
  /** Notes a fault that the invariants cannot see by themselves. */
  reportViolation(invariant: Invariant, detail: string): void;
  /** The fault is over now; time to recover counts from here. Without it, from the end of the cycle. */
  healed(): void;
};

/** One kind of fault, brought about any number of times. */
export type FaultCase = {
  readonly name: string;
  /** Its numbers in docs/reliability.md. */
  readonly faults: readonly number[];
  readonly what: string;
  /** An installation of its own, different from the common one. */
  readonly harness?: HarnessOptions | ((workspace: CaseWorkspace) => Promise<HarnessOptions>);
  /** Cycles in the short set. */
  readonly cycles: number;
  /** No traffic besides the case's own. */
  readonly quiet?: boolean;
  /** Too long for the short set: it runs only when it is named. */
  readonly onRequest?: boolean;
  /** Within what a request must be answered, or `never` where nobody can answer. */
  readonly answersWithinMs?: number | "never";
  readonly recoversWithinMs?: number;
  /** A broken build: the case passes only when this is found violated. */
  readonly expectedViolation?: Invariant;
  /** Brings the fault about once, and ends it. */
  cycle(context: CaseContext): Promise<void>;
};

/** Where a case may put what it needs, and what removes it. */
export type CaseWorkspace = { readonly dir: string; readonly closing: AsyncDisposableStack };
