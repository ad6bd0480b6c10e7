import type { Random } from "@takings/simulator";
import { loadedAccounts, loadedTime } from "./load-ledger.ts";

/** A request for totals, with what a sum over the ledger needs to answer the same. */
export type RevenueRequest = {
  readonly path: string;
  readonly from: string;
  readonly to: string;
  /** Empty for the platform, `*` for all accounts. */
  readonly account: string;
};

const zones = ["UTC", "America/New_York", "Asia/Kolkata", "Europe/Berlin"] as const;

/** A request for totals between two random instants. */
export function randomRevenueRequest(random: Random): RevenueRequest {
  const instant = (): number => random.int(loadedTime.from, loadedTime.to);
  const [a, b] = [instant(), instant()];
  const [from, to] = [new Date(Math.min(a, b)).toISOString(), new Date(Math.max(a, b)).toISOString()];
  const account = randomAccount(random);
  const query = new URLSearchParams({ from, to, ...(account !== "" && { account }) });
  return { path: `/v1/revenue?${query.toString()}`, from, to, account };
}

/** The path of a daily series of one year, from a random day in a random zone. */
export function randomSeriesPath(random: Random, currency: string | undefined): string {
  const from = new Date(random.int(loadedTime.from, loadedTime.to - 366 * 86_400_000));
  const to = new Date(from);
  to.setUTCFullYear(from.getUTCFullYear() + 1);
  const account = randomAccount(random);
  const query = new URLSearchParams({
    interval: "day",
    timezone: random.pick(zones),
    from: from.toISOString().slice(0, 10),
    to: to.toISOString().slice(0, 10),
    ...(account !== "" && { account }),
    ...(currency !== undefined && { currency }),
  });
  return `/v1/revenue/series?${query.toString()}`;
}

function randomAccount(random: Random): string {
  const [platform, ...connected] = loadedAccounts;
  return random.pick([platform, random.pick(connected), "*"]);
}
