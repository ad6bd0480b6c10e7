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
  /** For what a case sends without the sender. */
  readonly history: History;
  /** The same choices for the same seed. */
  readonly random: Random;
  /** The number of this cycle, from 0. */
  readonly cycle: number;
  /** Records a violation that the invariants cannot detect by themselves. */
  reportViolation(invariant: Invariant, detail: string): void;
  /** The fault ends now; recovery time is measured from here. Without it, from the end of the cycle. */
  healed(): void;
};

/** One kind of fault, which can be injected any number of times. */
export type FaultCase = {
  /** Selects it: `--case`. */
  readonly title: string;
  /** Its rows in the table of docs/reliability.md. */
  readonly numbers: readonly number[];
  readonly fault: string;
  /** What must hold besides the invariants and the recovery. */
  readonly expectation?: string;
  /** An installation of its own, different from the shared one. */
  readonly harness?: HarnessOptions | ((workspace: CaseWorkspace) => Promise<HarnessOptions>);
  /** Cycles in the default set; one by default. */
  readonly cycles?: number;
  /** No traffic besides that of the case. */
  readonly quiet?: boolean;
  /** Busies the process of the harness itself, so no other case runs beside it: it would measure that. */
  readonly alone?: boolean;
  /** Too long for the default set: it runs only when `--case` selects it. */
  readonly onRequest?: boolean;
  /** The time limit of a response, or `never` where no process can respond. */
  readonly answersWithinMs?: number | "never";
  readonly recoversWithinMs?: number;
  /** A broken build: the case passes only when this violation is found. */
  readonly expectedViolation?: Invariant;
  /** Injects the fault once, and ends it. */
  cycle(context: CaseContext): Promise<void>;
};

/** A directory for what a case needs, and what cleans it up. */
export type CaseWorkspace = { readonly dir: string; readonly closing: AsyncDisposableStack };
