import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { eventually } from "@takings/local";
import { createRandom } from "@takings/test/random";
import type { Case, Stage } from "./case.ts";
import type { History } from "./history.ts";
import { accountOf, checkSpeed, checkStore, stuck, type Violation } from "./invariants.ts";
import { type Peaks, overgrown } from "./memory.ts";
import type { Rig } from "./rig.ts";
import { createSender, type Sender } from "./sender.ts";

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
};

export type RunOptions = {
  readonly rig: Rig;
  readonly history: History;
  readonly peaks: Peaks;
  readonly seed: number;
  readonly cycles: number;
  /** Bodies that were compared already. */
  readonly checkedPayloads: Set<string>;
  readonly progress: (text: string) => void;
};

const answersWithinMs = 10_000;
const recoversWithinMs = 60_000;
const concurrency = 8;
const restMs = 80;
const cyclesPerCheck = 25;

/** Runs a case: traffic, faults, healing, quiet, and then the books. */
export async function runCase(one: Case, options: RunOptions): Promise<Outcome> {
  const { rig, history, cycles } = options;
  const patienceMs = one.recoversWithinMs ?? recoversWithinMs;
  history.write({ what: "note", text: `case ${one.name}, seed ${options.seed}` });
  const violations: Violation[] = [];
  const recoveryMs: number[] = [];
  const before = accountOf(history.read());
  const random = createRandom(options.seed);
  const sender = createSender({
    history,
    urls: rig.urls,
    secret: rig.secret,
    seed: options.seed,
    random: createRandom(options.seed + 1),
    concurrency,
    restMs,
  });
  let books: Awaited<ReturnType<typeof checkStore>> = { violations: [], lost: 0, doubled: 0 };
  try {
    for (let cycle = 0; cycle < cycles && violations.length === 0; cycle += 1) {
      if (cycle % cyclesPerCheck === 0 && one.quiet !== true) sender.start();
      let healedAt: number | undefined;
      const stage: Stage = {
        rig,
        sender,
        random,
        cycle,
        violate: (invariant, detail) => violations.push({ invariant, detail }),
        healed: () => void (healedAt = performance.now()),
      };
      await one.cycle(stage);
      const recovered = await recover(rig, sender, healedAt ?? performance.now(), patienceMs);
      if (typeof recovered === "number") recoveryMs.push(recovered);
      else violations.push(recovered);
      options.progress(`${cycle + 1} of ${cycles} cycles, ${sender.accepted()} accepted`);
      const isLast = cycle === cycles - 1 || violations.length > 0;
      if (!isLast && (cycle + 1) % cyclesPerCheck !== 0) continue;
      violations.push(...stuck(await sender.settle(patienceMs)));
      violations.push(...(await untilSettled(rig, patienceMs)));
      books = await checkStore(accountOf(history.read()), rig.reader, options.checkedPayloads);
      violations.push(...books.violations);
    }
  } catch (error) {
    violations.push({ invariant: "LIVE", detail: `the case itself failed: ${String(error)}` });
  } finally {
    sender.close();
  }
  const account = accountOf(history.read());
  const limit = one.answersWithinMs ?? answersWithinMs;
  if (limit !== "never") violations.push(...checkSpeed(account, before.answered.length, limit));
  violations.push(...overgrown(options.peaks));
  return {
    name: one.name,
    cycles,
    accepted: account.accepted.size - before.accepted.size,
    lost: books.lost,
    doubled: books.doubled,
    recoveryMs,
    violations,
  };
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

/** Waits until the durable holds nothing that is not settled, and goes on to hold nothing. */
async function untilSettled(rig: Rig, withinMs: number): Promise<Violation[]> {
  try {
    await eventually(
      "the consumer to have settled everything",
      async () => {
        const { unsettled } = await rig.broker.durable();
        if (unsettled === 0) return true;
        await delay(50);
        throw new Error(`${unsettled} are left`);
      },
      withinMs,
    );
    return [];
  } catch (error) {
    return [{ invariant: "LIVE", detail: String(error) }];
  }
}
