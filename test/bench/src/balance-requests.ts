import type { Random } from "@takings/simulator";
import { balanceAccounts, balanceCategories, balanceCurrencies, balanceTime } from "./load-balance.ts";

const day = 86_400_000;

/** The kinds of answers that are measured. */
export const balanceAnswers = [
  "balance",
  "summary",
  "transactions",
  "payouts",
  "payout",
  "payout_members",
  "revenue",
] as const;
export type BalanceAnswer = (typeof balanceAnswers)[number];

/** A request, with what a sum over the transactions needs to answer the same. */
export type BalanceRequest = {
  readonly path: string;
  readonly from: string;
  readonly to: string;
  /** `*` for all sources. */
  readonly source: string;
  /** Empty for the platform, `*` for all accounts. */
  readonly account: string;
};

/** A request for an answer with random parameters. */
export function randomBalanceRequest(
  random: Random,
  answer: BalanceAnswer,
  sources: readonly string[],
): BalanceRequest {
  // Also before the first and after the last transaction.
  const instant = (): number => random.int(balanceTime.from - 5 * day, balanceTime.to + 5 * day);
  const [a, b] = [instant(), instant()];
  const [from, to] = [new Date(Math.min(a, b)).toISOString(), new Date(Math.max(a, b)).toISOString()];
  const account = random.pick([random.pick(balanceAccounts), "*"]);
  // A payout is of one source.
  const isOfAll = sources.length > 1 && answer !== "payout" && random.int(0, 1) === 0;
  const source = isOfAll ? "*" : random.pick(sources);
  const query = new URLSearchParams({
    ...(account !== "" && { account }),
    ...(sources.length > 1 && { source }),
  });
  const request = (path: string, more: Readonly<Record<string, string>>): BalanceRequest => {
    for (const [name, value] of Object.entries(more)) query.set(name, value);
    return { path: `${path}?${query.toString()}`, from, to, source, account };
  };
  const maybe = (name: string, values: readonly string[]): Record<string, string> =>
    random.int(0, 2) === 0 ? { [name]: random.pick(values) } : {};
  const currency = maybe("currency", balanceCurrencies);
  // The platform has one of each currency and day, save the last currency, which begins late.
  const payout = (): string => {
    const date = new Date(random.int(balanceTime.from + 10 * day, balanceTime.to)).toISOString().slice(0, 10);
    return `po_${balanceAccounts[0]}${random.pick(balanceCurrencies.slice(0, -1))}${date.replaceAll("-", "")}`;
  };
  switch (answer) {
    case "balance":
      return request("/v1/balance", { at: to });
    case "summary":
      return request("/v1/balance/summary", { from, to });
    case "revenue":
      return request("/v1/revenue", { from, to });
    case "payouts":
      return request("/v1/payouts", { from, to, ...currency });
    case "payout": {
      return { path: `/v1/payouts/${payout()}?source=${source}`, from, to, source, account };
    }
    case "payout_members":
      return request("/v1/balance/transactions", { account: "*", payout: payout() });
    case "transactions":
      // The links of a balance have no `from`.
      return request("/v1/balance/transactions", {
        ...(random.int(0, 1) === 0 && { from }),
        to,
        ...currency,
        ...maybe("reporting_category", [...balanceCategories, "payout", "payout,payout_reversal"]),
      });
  }
}
