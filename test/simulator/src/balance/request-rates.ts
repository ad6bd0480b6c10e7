/** How many requests each endpoint got, and whether they were too many. */
export type RequestRates = {
  /** Counts a request; `false` where the second before it already had the most that are allowed. @param time ms */
  admit(endpoint: string, time: number): boolean;
  report(): RequestReport;
};

/** By endpoint, as `/v1/payouts`. */
export type RequestReport = Readonly<Record<string, EndpointRate>>;

/** The requests of an endpoint. */
type EndpointRate = {
  readonly requests: number;
  readonly refused: number;
  /** The most that arrived in any second. */
  readonly peak: number;
};

/** Counts over a window that slides; Stripe's own limit is over each second, too. @param most per second. */
export function createRequestRates(most: number): RequestRates {
  const endpoints = new Map<string, { recent: number[]; requests: number; refused: number; peak: number }>();
  return {
    admit(endpoint, time) {
      const rate = endpoints.get(endpoint) ?? { recent: [], requests: 0, refused: 0, peak: 0 };
      endpoints.set(endpoint, rate);
      rate.recent = rate.recent.filter((earlier) => earlier > time - 1_000);
      rate.recent.push(time);
      rate.requests += 1;
      rate.peak = Math.max(rate.peak, rate.recent.length);
      const admitted = rate.recent.length <= most;
      if (!admitted) rate.refused += 1;
      return admitted;
    },
    report: () =>
      Object.fromEntries(
        [...endpoints].map(([endpoint, { requests, refused, peak }]) => [
          endpoint,
          { requests, refused, peak },
        ]),
      ),
  };
}
