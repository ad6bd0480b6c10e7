import { setTimeout as delay } from "node:timers/promises";
import { advanceRollup, createPool } from "@takings/postgres";
import type { Pool } from "pg";
import { median } from "./statistics.ts";
import type { TemporaryPostgres } from "./temporary-postgres.ts";
import { createDatabaseWithoutRollup, requireDifference } from "./database-without-rollup.ts";
import { startWriter, type Writer } from "./writers.ts";

/** Payments per second of one round, with the rollup and, directly before or after, without it. */
type Round = { readonly withRollup: number; readonly withoutRollup: number };

/** The cost of the rollup for a writer, and the throughput of several writers. */
export type WriteRates = {
  /** Payments per second of one writer. */
  readonly withRollup: number;
  readonly withoutRollup: number;
  /** The share of throughput that the rollup costs a writer, including its advance. */
  readonly rollupCost: number;
  /** By number of writers: throughput as a multiple of that of one writer, with the rollup and without it. */
  readonly scaling: ReadonlyMap<number, Round>;
};

const rounds = { alone: 10, together: 5 } as const;
const batches = 20;
const paymentsPerBatch = 500;
const advanceEveryMs = 1_000;

/** Writes in turns to two databases of one empty server, one of which has no rollup. */
export async function measureWriteRates(
  postgres: TemporaryPostgres,
  say: (line: string) => void,
): Promise<WriteRates> {
  const withoutRollupUrlOf = await createDatabaseWithoutRollup(postgres.superuserUrl);
  const maintenance = createPool({
    url: postgres.writerUrl,
    name: "bench-maintenance",
    max: 1,
    statementTimeoutMs: 60_000,
    onIdleError: () => {},
  });
  const start = (url: string, withRollup: boolean): Writer[] =>
    [1, 2, 3, 4].map((seed) => startWriter({ url, withRollup, seed }));
  const sides: Sides = {
    withRollup: start(postgres.writerUrl, true),
    withoutRollup: start(withoutRollupUrlOf(postgres.writerUrl), false),
    maintenance,
  };
  try {
    say("warming up");
    await playRound(sides, 4, 0);
    await requireDifference(postgres.superuserUrl, withoutRollupUrlOf(postgres.superuserUrl));
    return { ...(await measureCost(sides, say)), scaling: await measureScaling(sides, say) };
  } finally {
    await Promise.all([...sides.withRollup, ...sides.withoutRollup].map((writer) => writer.end()));
    await maintenance.end();
  }
}

type Sides = {
  readonly withRollup: readonly Writer[];
  readonly withoutRollup: readonly Writer[];
  readonly maintenance: Pool;
};

async function measureCost(sides: Sides, say: (line: string) => void): Promise<Omit<WriteRates, "scaling">> {
  const played: Round[] = [];
  for (let n = 0; n < rounds.alone; n += 1) {
    played.push(await playRound(sides, 1, n));
    say(`one writer, round ${n + 1} of ${rounds.alone}`);
  }
  return {
    withRollup: median(played.map(({ withRollup }) => withRollup)),
    withoutRollup: median(played.map(({ withoutRollup }) => withoutRollup)),
    rollupCost: 1 - median(played.map(({ withRollup, withoutRollup }) => withRollup / withoutRollup)),
  };
}

async function measureScaling(sides: Sides, say: (line: string) => void): Promise<Map<number, Round>> {
  const rates = new Map<number, Round[]>([1, 2, 4].map((count) => [count, []]));
  for (let n = 0; n < rounds.together; n += 1) {
    for (const [count, played] of rates) played.push(await playRound(sides, count, n));
    say(`one, two and four writers, round ${n + 1} of ${rounds.together}`);
  }
  const rate = (count: number, side: keyof Round): number =>
    median((rates.get(count) ?? []).map((round) => round[side]));
  const multiple = (count: number, side: keyof Round): number => rate(count, side) / rate(1, side);
  return new Map(
    [2, 4].map((count) => [
      count,
      { withRollup: multiple(count, "withRollup"), withoutRollup: multiple(count, "withoutRollup") },
    ]),
  );
}

/** Even rounds start with the rollup, odd ones without it, so that the order favours neither. */
async function playRound(sides: Sides, count: number, n: number): Promise<Round> {
  const [rollupWriters, plainWriters] = [
    sides.withRollup.slice(0, count),
    sides.withoutRollup.slice(0, count),
  ];
  await Promise.all([...rollupWriters, ...plainWriters].map((writer) => writer.prepare(batches)));
  const withRollup = (): Promise<number> => whileAdvancing(sides.maintenance, () => rateOf(rollupWriters));
  if (n % 2 === 0) return { withRollup: await withRollup(), withoutRollup: await rateOf(plainWriters) };
  const withoutRollup = await rateOf(plainWriters);
  return { withRollup: await withRollup(), withoutRollup };
}

/** Payments per second of all writers together. */
async function rateOf(writers: readonly Writer[]): Promise<number> {
  const begun = performance.now();
  await Promise.all(writers.map((writer) => writer.write()));
  return (writers.length * batches * paymentsPerBatch * 1_000) / (performance.now() - begun);
}

/** Advances the rollup meanwhile, as a consumer does: once a second, and again while there are deltas. */
async function whileAdvancing<T>(maintenance: Pool, work: () => Promise<T>): Promise<T> {
  const stopping = new AbortController();
  const advance = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      if ((await advanceRollup(maintenance)) > 0) continue;
      await delay(advanceEveryMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const advancing = advance();
  try {
    return await work();
  } finally {
    stopping.abort();
    await advancing;
  }
}
