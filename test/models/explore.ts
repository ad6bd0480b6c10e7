import { hash } from "node:crypto";

/** A possible next step: its name in counterexamples, and the state that it leads to. */
export type Step<State> = { readonly name: string; readonly to: State };

/** A system with finitely many states. States are JSON, with lists and keys in a canonical order. */
export type Model<State> = {
  readonly initial: State;
  /** All possible next steps: every interleaving, and every fault. */
  readonly steps: (state: State) => Iterable<Step<State>>;
  /** The invariants of every state, by name. */
  readonly invariants: Readonly<Record<string, (state: State) => boolean>>;
};

/** The result: the number of reachable states, or the shortest path to a violation. */
export type Exploration = {
  readonly states: number;
  readonly seconds: number;
  readonly violation: { readonly invariant: string; readonly steps: readonly string[] } | undefined;
};

/** The first path to a state: from the state with this number, by this step. */
type Origin = { readonly from: number; readonly step: string };

/**
 * Visits all states breadth first, so that the first violation has a shortest path. States are identified by the SHA-1
 * of their JSON, because keeping their JSON would take ten times the memory.
 * @throws Error beyond `most` states: the exploration is then incomplete.
 */
export function explore<State>({ initial, steps, invariants }: Model<State>, most = 3_000_000): Exploration {
  const started = performance.now();
  const seen = new Set<string>();
  const origins: Origin[] = [];
  let frontier: { readonly state: State; readonly number: number }[] = [];
  let violation: Exploration["violation"];

  const visit = (state: State, origin: Origin): void => {
    const key = hash("sha1", JSON.stringify(state), "base64url");
    if (seen.has(key)) return;
    if (seen.size >= most) throw new Error(`more than ${most} states: allow fewer faults or events`);
    seen.add(key);
    const number = origins.push(origin) - 1;
    frontier.push({ state, number });
    const violated = Object.entries(invariants).find(([, holds]) => !holds(state));
    if (violated !== undefined) violation ??= { invariant: violated[0], steps: wayTo(number, origins) };
  };

  visit(initial, { from: -1, step: "" });
  const result = (): Exploration => ({
    states: seen.size,
    seconds: (performance.now() - started) / 1_000,
    violation,
  });
  while (frontier.length > 0) {
    const reached = frontier;
    frontier = [];
    for (const { state, number } of reached) {
      for (const { name, to } of steps(state)) visit(to, { from: number, step: name });
      if (violation !== undefined) return result();
    }
  }
  return result();
}

function wayTo(number: number, origins: readonly Origin[]): readonly string[] {
  const steps: string[] = [];
  for (let at = origins[number]; at !== undefined && at.from >= 0; at = origins[at.from])
    steps.unshift(at.step);
  return steps;
}

/** A counterexample, or the size of the explored state space, as text. */
export function inWords({ states, seconds, violation }: Exploration): string {
  const extent = `${states} states in ${seconds.toFixed(1)} s`;
  if (violation === undefined) return `no violation in ${extent}`;
  const way = violation.steps.map((step, index) => `  ${String(index + 1).padStart(2)}. ${step}`);
  return [`violated: ${violation.invariant} (found after ${extent})`, ...way].join("\n");
}
