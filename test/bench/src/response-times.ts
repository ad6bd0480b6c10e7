import { withClient } from "@takings/local";
import { createRandom } from "@takings/simulator";
import { plainSum, requireSameNet } from "./plain-sum.ts";
import { randomRevenueRequest, randomSeriesPath } from "./revenue-requests.ts";
import { type RevenueService, startRevenueService } from "./revenue-service.ts";

/** Milliseconds per request. */
export type ResponseTimes = {
  readonly revenue: readonly number[];
  /** A year's days in all currencies, and the same in one. */
  readonly series: readonly number[];
  readonly seriesUsd: readonly number[];
  /** Requests for totals that were answered by the service and by a sum over the ledger. */
  readonly pairs: readonly { readonly answer: number; readonly sum: number }[];
};

const requestCounts = { revenue: 500, series: 100, sums: 20 } as const;
/** Until connections have cached plans and the code is compiled. */
const warmUp = { revenue: 200, series: 60, sums: 2 } as const;

/** Sends random requests to the service, one at a time, and answers some of them by a sum over the ledger. */
export async function measureResponseTimes(readerUrl: string): Promise<ResponseTimes> {
  await using service = await startRevenueService(readerUrl);
  await requestAll(service, readerUrl, { ...warmUp, seed: 1 });
  return await requestAll(service, readerUrl, { ...requestCounts, seed: 2 });
}

type Counts = {
  readonly revenue: number;
  readonly series: number;
  readonly sums: number;
  readonly seed: number;
};

function requestAll(service: RevenueService, readerUrl: string, counts: Counts): Promise<ResponseTimes> {
  const random = createRandom(counts.seed);
  const [revenue, series, seriesUsd]: [number[], number[], number[]] = [[], [], []];
  const pairs: { answer: number; sum: number }[] = [];
  const every = (total: number, part: number): number => Math.floor(total / part);
  return withClient(readerUrl, async (client) => {
    // As on the service's own connections.
    await client.query("set timezone = 'UTC'; set jit = off");
    for (let n = 0; n < counts.revenue; n += 1) {
      const wanted = randomRevenueRequest(random);
      const { ms, body } = await service.request(wanted.path);
      revenue.push(ms);
      if (n % every(counts.revenue, counts.sums) !== 0) continue;
      const sum = await plainSum(client, wanted);
      requireSameNet(body, sum, wanted.path);
      pairs.push({ answer: ms, sum: sum.ms });
    }
    for (let n = 0; n < counts.series; n += 1) {
      series.push((await service.request(randomSeriesPath(random, undefined))).ms);
      seriesUsd.push((await service.request(randomSeriesPath(random, "usd"))).ms);
    }
    return { revenue, series, seriesUsd, pairs };
  });
}
