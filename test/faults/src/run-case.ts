import { performance } from "node:perf_hooks";
import { eventually } from "@takings/local";
import { createRandom, type Random } from "@takings/end-to-end/random";
import type { Case } from "./case.ts";
import type { History } from "./history.ts";
import { accountOf, checkSpeed, checkStore, stuck, type Violation } from "./invariants.ts";
import { type Peaks, overgrown } from "./memory.ts";
import type { Rig } from "./rig.ts";
import { createSender, type Sender } from "./sender.ts";
import { untilSettled } from "./until-settled.ts";

/** What came of a case. */
export type Outcome = {
  readonly name: string;
  readonly cycles: number;
  /** Events that got a 2xx. */
  readonly accepted: number;
  readonly lost: number;
  readonly doubled: number;
  /** From the end of the fault until an event sent after it could be read, one per cycle. */
  readonly recoveryMs: readonly number[];
  readonly violations: readonly Violation[];
  readonly elapsedMs: number;
};

export type RunOptions = {
  readonly rig: Rig;
  readonly history: History;
  readonly peaks: Peaks;
  readonly seed: number;
  readonly cycles: number;
  /** Ends the case after the cycle in progress. */
  readonly signal: AbortSignal;
  /** Bodies that were compared already. */
  readonly checkedPayloads: Set<string>;
  readonly progress: (text: string) => void;
};

const answersWithinMs = 10_000;
const recoversWithinMs = 60_000;
const concurrency = 8;
const restMs = 80;
const cyclesPerCheck = 25;

type Books = { readonly lost: number; readonly doubled: number };

/** What gathers while a case runs. */
type Run = RunOptions & {
  readonly one: Case;
  readonly sender: Sender;
  readonly random: Random;
  readonly patienceMs: number;
  readonly violations: Violation[];
  readonly recoveryMs: number[];
};

/** Runs a case: traffic, faults, healing, quiet, and then the books. */
export async function runCase(one: Case, options: RunOptions): Promise<Outcome> {
  const { history, cycles, seed, rig } = options;
  const began = performance.now();
  history.write({ what: "note", text: `case ${one.name}, seed ${seed}` });
  const before = accountOf(history.read());
  const sender = createSender({
    history,
    urls: rig.urls,
    secret: rig.secret,
    seed,
    random: createRandom(seed + 1),
    concurrency,
    restMs,
  });
  const run: Run = {
    ...options,
    one,
    sender,
    random: createRandom(seed),
    patienceMs: one.recoversWithinMs ?? recoversWithinMs,
    violations: [],
    recoveryMs: [],
  };
  let books: Books = { lost: 0, doubled: 0 };
  try {
    books = await goThrough(run);
  } catch (error) {
    run.violations.push({ invariant: "LIVE", detail: `the case itself failed: ${String(error)}` });
  } finally {
    await sender.close();
  }
  const account = accountOf(history.read());
  const limit = one.answersWithinMs ?? answersWithinMs;
  if (limit !== "never") run.violations.push(...checkSpeed(account, before.answered.length, limit));
  run.violations.push(...overgrown(options.peaks));
  const accepted = account.accepted.size - before.accepted.size;
  return {
    name: one.name,
    cycles,
    accepted,
    ...books,
    recoveryMs: run.recoveryMs,
    violations: run.violations,
    elapsedMs: performance.now() - began,
  };
}

/** All cycles, with a look into the books now and then and at the end; the first violation is the end. */
async function goThrough(run: Run): Promise<Books> {
  const { one, sender, cycles, violations, signal } = run;
  let books: Books = { lost: 0, doubled: 0 };
  for (let cycle = 0; cycle < cycles && violations.length === 0 && !signal.aborted; cycle += 1) {
    if (cycle % cyclesPerCheck === 0 && one.quiet !== true) sender.start();
    await goRound(run, cycle);
    run.progress(`${cycle + 1} of ${cycles} cycles, ${sender.accepted()} accepted`);
    const isLast = cycle === cycles - 1 || violations.length > 0 || signal.aborted;
    if (isLast || (cycle + 1) % cyclesPerCheck === 0) books = await closeBooks(run);
  }
  return books;
}

/** One fault, and the way back from it. */
async function goRound(run: Run, cycle: number): Promise<void> {
  const { one, rig, sender, history, random, violations } = run;
  let healedAt: number | undefined;
  await one.cycle({
    rig,
    sender,
    history,
    random,
    cycle,
    violate: (invariant, detail) => violations.push({ invariant, detail }),
    healed: () => void (healedAt = performance.now()),
  });
  const recovered = await recover(rig, sender, healedAt ?? performance.now(), run.patienceMs);
  if (typeof recovered === "number") run.recoveryMs.push(recovered);
  else violations.push(recovered);
}

/** Lets everything come to rest and holds what there is against what was sent. */
async function closeBooks({
  rig,
  sender,
  history,
  checkedPayloads,
  patienceMs,
  violations,
}: Run): Promise<Books> {
  violations.push(...stuck(await sender.settle(patienceMs)));
  await untilSettled(rig, patienceMs).catch((error: unknown) =>
    violations.push({ invariant: "LIVE", detail: String(error) }),
  );
  const books = await checkStore(accountOf(history.read()), rig.reader, checkedPayloads);
  violations.push(...books.violations);
  return { lost: books.lost, doubled: books.doubled };
}

/** Sends an event after the fault and waits until it can be read. */
async function recover(
  rig: Rig,
  sender: Sender,
  since: number,
  withinMs: number,
): Promise<number | Violation> {
  try {
    const { id } = await sender.deliverOne(withinMs);
    await eventually(`${id} to be readable`, () => rig.reader.event(id), withinMs);
    return performance.now() - since;
  } catch (error) {
    return { invariant: "LIVE", detail: `not recovered: ${String(error)}` };
  }
}
