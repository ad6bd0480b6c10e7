import { type ResponseTimes, measureResponseTimes } from "./response-times.ts";
import { loadLedger, requireRoomFor } from "./load-ledger.ts";
import { measurePayloadSize } from "./payload-size.ts";
import { type Measurement, median, quantile } from "./statistics.ts";
import { startTemporaryPostgres } from "./temporary-postgres.ts";
import { measureWriteRates } from "./write-rates.ts";

export type RevenueBenchOptions = {
  /** Sizes of the ledger in entries, ascending; each is measured once. */
  readonly entries: readonly number[];
  /** Receives progress messages. */
  readonly say: (line: string) => void;
};

const payloadEvents = 50_000;

/** Measures response times of revenue and their cost, each part on a new PostgreSQL of its own. */
export async function benchRevenue({ entries, say }: RevenueBenchOptions): Promise<readonly Measurement[]> {
  await requireRoomFor(Math.max(...entries));
  return [
    ...(await benchResponseTimes(entries, say)),
    ...(await benchWriting(say)),
    ...(await benchPayloads(say)),
  ];
}

async function benchResponseTimes(
  entries: readonly number[],
  say: (line: string) => void,
): Promise<readonly Measurement[]> {
  await using postgres = await startTemporaryPostgres();
  const bySize = new Map<number, ResponseTimes>();
  let present = 0;
  for (const until of entries) {
    await loadLedger(postgres.superuserUrl, { present, until }, say);
    say(`measuring with ${until} entries`);
    bySize.set(until, await measureResponseTimes(postgres.readerUrl));
    present = until;
  }
  const measured = [...bySize].map(([size, times]) => ({ size, times, name: shortly(size) }));
  const [smallest, largest] = [measured[0], measured.at(-1)];
  if (smallest === undefined || largest === undefined) throw new Error("no sizes to measure: give --entries");
  const growth = (of: (times: ResponseTimes) => readonly number[]): number =>
    median(of(largest.times)) / median(of(smallest.times));
  const span = `${smallest.name}_to_${largest.name}`;
  return [
    ...measured.slice(0, -1).flatMap(({ name, times }) => responseTimes(times, `_${name}`)),
    ...responseTimes(largest.times, ""),
    ...(smallest === largest
      ? []
      : [
          { name: `revenue_growth_${span}`, value: growth(({ revenue }) => revenue), unit: "ratio" },
          { name: `series_year_growth_${span}`, value: growth(({ series }) => series), unit: "ratio" },
        ]),
  ];
}

/** Names for the largest ledger have no suffix. */
function responseTimes({ revenue, series, seriesUsd, pairs }: ResponseTimes, ending: string): Measurement[] {
  const sums = median(pairs.map(({ sum }) => sum));
  const spread = (name: string, times: readonly number[]): Measurement[] => [
    { name: `${name}_median_ms${ending}`, value: median(times), unit: "ms" },
    { name: `${name}_p99_ms${ending}`, value: quantile(times, 0.99), unit: "ms" },
  ];
  return [
    ...spread("revenue", revenue),
    ...spread("series_year", series),
    ...spread("series_year_usd", seriesUsd),
    { name: `sum_median_ms${ending}`, value: sums, unit: "ms" },
    {
      name: `revenue_vs_sum${ending}`,
      value: sums / median(pairs.map(({ answer }) => answer)),
      unit: "ratio",
    },
  ];
}

async function benchWriting(say: (line: string) => void): Promise<readonly Measurement[]> {
  await using postgres = await startTemporaryPostgres();
  const { withRollup, withoutRollup, rollupCost, scaling } = await measureWriteRates(postgres, say);
  return [
    { name: "writes_with_rollup", value: withRollup, unit: "payments/s" },
    { name: "writes_without_rollup", value: withoutRollup, unit: "payments/s" },
    { name: "rollup_cost", value: rollupCost, unit: "share" },
    ...[...scaling].flatMap(([count, times]) => [
      { name: `writers_${count}_vs_1`, value: times.withRollup, unit: "ratio" },
      { name: `writers_${count}_vs_1_without_rollup`, value: times.withoutRollup, unit: "ratio" },
    ]),
  ];
}

async function benchPayloads(say: (line: string) => void): Promise<readonly Measurement[]> {
  say(`storing ${payloadEvents} events`);
  await using postgres = await startTemporaryPostgres();
  const { store, plain } = await measurePayloadSize({ ...postgres, events: payloadEvents, seed: 1 });
  return [{ name: "bytes_vs_jsonb", value: store.total / plain.total, unit: "ratio" }];
}

/** A short count: 1m, 250k. */
function shortly(count: number): string {
  if (count % 1_000_000 === 0) return `${count / 1_000_000}m`;
  return count % 1_000 === 0 ? `${count / 1_000}k` : String(count);
}
