import { setTimeout as delay } from "node:timers/promises";
import { advanceMeter, createPool } from "@takings/postgres";
import type { Pool } from "pg";
import { median } from "./statistics.ts";
import type { ThrowAwayPostgres } from "./throw-away-postgres.ts";
import { createUnmeteredDatabase, requireDifference } from "./unmetered-database.ts";
import { startWriter, type Writer } from "./writers.ts";

/** Payments per second of one round, written with the meter and without it right before or after. */
type Round = { readonly metered: number; readonly unmetered: number };

/** What the meter costs a writer, and how much more several writers get done than one. */
export type WriteRates = {
  /** Payments per second of one writer. */
  readonly metered: number;
  readonly unmetered: number;
  /** The share of its throughput that a writer loses to the meter, the advancing of it included. */
  readonly rollupCost: number;
  /** By number of writers: throughput as a multiple of that of one writer, with the meter and without it. */
  readonly scaling: ReadonlyMap<number, Round>;
};

const rounds = { alone: 10, together: 5 } as const;
const batches = 20;
const paymentsPerBatch = 500;
const advanceEveryMs = 1_000;

/** Writes to two databases of one empty server in turns, of which one has no meter. */
export async function measureWriteRates(
  postgres: ThrowAwayPostgres,
  say: (line: string) => void,
): Promise<WriteRates> {
  const unmeteredUrlOf = await createUnmeteredDatabase(postgres.superuserUrl);
  const keeper = createPool({
    url: postgres.writerUrl,
    name: "bench-keeper",
    max: 1,
    statementTimeoutMs: 60_000,
    onIdleError: () => {},
  });
  const start = (url: string, metered: boolean): Writer[] =>
    [1, 2, 3, 4].map((seed) => startWriter({ url, metered, seed }));
  const sides: Sides = {
    metered: start(postgres.writerUrl, true),
    unmetered: start(unmeteredUrlOf(postgres.writerUrl), false),
    keeper,
  };
  try {
    say("writers warm up");
    await playRound(sides, 4, 0);
    await requireDifference(postgres.superuserUrl, unmeteredUrlOf(postgres.superuserUrl));
    return { ...(await measureCost(sides, say)), scaling: await measureScaling(sides, say) };
  } finally {
    await Promise.all([...sides.metered, ...sides.unmetered].map((writer) => writer.end()));
    await keeper.end();
  }
}

type Sides = {
  readonly metered: readonly Writer[];
  readonly unmetered: readonly Writer[];
  readonly keeper: Pool;
};

async function measureCost(sides: Sides, say: (line: string) => void): Promise<Omit<WriteRates, "scaling">> {
  const played: Round[] = [];
  for (let n = 0; n < rounds.alone; n += 1) {
    played.push(await playRound(sides, 1, n));
    say(`one writer, round ${n + 1} of ${rounds.alone}`);
  }
  return {
    metered: median(played.map(({ metered }) => metered)),
    unmetered: median(played.map(({ unmetered }) => unmetered)),
    rollupCost: 1 - median(played.map(({ metered, unmetered }) => metered / unmetered)),
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
      { metered: multiple(count, "metered"), unmetered: multiple(count, "unmetered") },
    ]),
  );
}

/** Even rounds begin with the meter, odd ones without it, so that neither always has the fresher machine. */
async function playRound(sides: Sides, count: number, n: number): Promise<Round> {
  const [meteredWriters, unmeteredWriters] = [sides.metered.slice(0, count), sides.unmetered.slice(0, count)];
  await Promise.all([...meteredWriters, ...unmeteredWriters].map((writer) => writer.prepare(batches)));
  const metered = (): Promise<number> => whileAdvancing(sides.keeper, () => rateOf(meteredWriters));
  if (n % 2 === 0) return { metered: await metered(), unmetered: await rateOf(unmeteredWriters) };
  const unmetered = await rateOf(unmeteredWriters);
  return { metered: await metered(), unmetered };
}

/** Payments per second of all writers together. */
async function rateOf(writers: readonly Writer[]): Promise<number> {
  const begun = performance.now();
  await Promise.all(writers.map((writer) => writer.write()));
  return (writers.length * batches * paymentsPerBatch * 1_000) / (performance.now() - begun);
}

/** Reads additions into the meter meanwhile, as a consumer does: once a second, and again while there are any. */
async function whileAdvancing<T>(keeper: Pool, work: () => Promise<T>): Promise<T> {
  const stopping = new AbortController();
  const keep = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      if ((await advanceMeter(keeper)) > 0) continue;
      await delay(advanceEveryMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const keeping = keep();
  try {
    return await work();
  } finally {
    stopping.abort();
    await keeping;
  }
}
