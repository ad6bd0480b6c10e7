import { createRandom } from "../random.ts";
import { type BalanceArithmetic, balanceArithmetic, type Sums } from "./arithmetic.ts";
import type { BalanceClient, SumsAnswer } from "./balance-client.ts";
import { comparePayouts, compareTransactions } from "./compare-rows.ts";
import { createDifferences, type Differences } from "./differences.ts";
import type { BalanceLife } from "./life.ts";
import { isPayout } from "./reports/report-rows.ts";
import { countedTransactions } from "./stated-facts.ts";

/** What answers are compared with. */
export type ExpectedBalance = {
  readonly life: BalanceLife;
  readonly livemode: boolean;
  /** The time of Stripe at the last complete round. */
  readonly at: number;
  /** How many random instants and ranges are compared. */
  readonly ranges: number;
  readonly seed: number;
  readonly say?: (line: string) => void;
};

/**
 * Compares every answer about the balance of a life with an arithmetic of its own: balances at random instants, summaries
 * of random ranges, every payout with its members, and every transaction.
 */
export async function compareBalance(client: BalanceClient, expected: ExpectedBalance): Promise<Differences> {
  const { life, at, say = () => undefined } = expected;
  const differences = createDifferences();
  const ranges = randomRanges(expected);
  const instants = ranges.flatMap((range) => range.filter((bound) => bound !== undefined));
  say("adding up what must come of it");
  const sums = balanceArithmetic(countedTransactions(life, at), [...instants, at]);
  const scope = { account: life.account ?? undefined, livemode: expected.livemode };
  for (const [number, range] of ranges.entries()) {
    await compareSummary(client, sums, scope, range, differences);
    await compareBalances(client, sums, scope, range[1] ?? at, differences);
    if (number % 100 === 99) say(`${number + 1} ranges compared, ${differences.count()} differences`);
  }
  await comparePayouts(client, { ...expected, scope, differences });
  say(`all payouts compared, ${differences.count()} differences`);
  await compareTransactions(client, { ...expected, scope, differences });
  say(`all transactions compared, ${differences.count()} differences`);
  return differences;
}

type Range = readonly [number | undefined, number | undefined];
type Scope = { readonly account: string | undefined; readonly livemode: boolean };

/** Ranges of all lengths, some of whole days, some without a bound, the first without any. */
function randomRanges({ life, at, ranges, seed }: ExpectedBalance): Range[] {
  const random = createRandom(seed);
  const instant = (): number => {
    const time = random.int(life.from - 86_400, at);
    return random.chance(0.3) ? time - (time % 86_400) : time;
  };
  return Array.from({ length: ranges }, (_, number) => {
    if (number === 0) return [undefined, undefined];
    const [from, to] = [instant(), instant()].toSorted((a, b) => a - b);
    return [random.chance(0.05) ? undefined : from, random.chance(0.05) ? undefined : to];
  });
}

async function compareBalances(
  client: BalanceClient,
  sums: BalanceArithmetic,
  scope: Scope,
  at: number,
  differences: Differences,
): Promise<void> {
  const answer = await client.balance({ ...scope, at: instantText(at) });
  const expected = [...sums.balances(at)].map(([currency, { available, pending, total, inTransit }]) =>
    [currency, available, pending, total, inTransit].join(" "),
  );
  const found = answer.balances.map(({ currency, available, pending, total, in_transit: inTransit }) =>
    [currency, ...[available, pending, total, inTransit].map(({ minor }) => minor)].join(" "),
  );
  differences.expect(`balance at ${instantText(at)}`, expected.toSorted(), found);
}

async function compareSummary(
  client: BalanceClient,
  sums: BalanceArithmetic,
  scope: Scope,
  [from, to]: Range,
  differences: Differences,
): Promise<void> {
  const bounds = { from: from && instantText(from), to: to && instantText(to) };
  const { currencies } = await client.summary({ ...scope, ...bounds });
  const expected: string[] = [];
  for (const [currency, { startingBalance, categories, endingBalance }] of sums.summary(from, to)) {
    // Without a balance and without activity there is nothing to list.
    if (startingBalance === 0n && categories.size === 0) continue;
    const rows = [...categories].filter(([category]) => !isPayout({ category }));
    const payouts = [...categories].filter(([category]) => isPayout({ category })).map(([, of]) => of);
    expected.push(
      `${currency} starting ${startingBalance}`,
      ...rows.map(([category, of]) => `${currency} activity ${category} ${sumsText(of)}`),
      `${currency} payouts ${sumsText(payouts.reduce(plus, { count: 0, gross: 0n, fee: 0n, net: 0n }))}`,
      `${currency} ending ${endingBalance}`,
    );
  }
  const listed = currencies.filter(
    ({ starting_balance: starting, activity, payouts }) =>
      starting.minor !== "0" || activity.length > 0 || payouts.count > 0,
  );
  const found = listed.flatMap(
    ({ currency, starting_balance: starting, activity, payouts, ending_balance: ending }) => [
      `${currency} starting ${starting.minor}`,
      ...activity.map((of) => `${currency} activity ${of.reporting_category} ${answerText(of)}`),
      `${currency} payouts ${answerText(payouts)}`,
      `${currency} ending ${ending.minor}`,
    ],
  );
  const name = `summary from ${bounds.from ?? "the beginning"} to ${bounds.to ?? "the end"}`;
  differences.expect(name, expected.toSorted(), found.toSorted());
  for (const {
    currency,
    starting_balance: starting,
    activity,
    payouts,
    ending_balance: ending,
  } of currencies) {
    const net = activity.reduce((total, of) => total + BigInt(of.net.minor), BigInt(payouts.net.minor));
    const sum = BigInt(starting.minor) + net;
    differences.expect(
      `${name}: starting + activity + payouts in ${currency}`,
      [String(sum)],
      [ending.minor],
    );
  }
}

function plus(a: Sums, b: Sums): Sums {
  return { count: a.count + b.count, gross: a.gross + b.gross, fee: a.fee + b.fee, net: a.net + b.net };
}

function sumsText({ count, gross, fee, net }: Sums): string {
  return `${count} ${gross} ${fee} ${net}`;
}

function answerText({ count, gross, fee, net }: SumsAnswer): string {
  return `${count} ${gross.minor} ${fee.minor} ${net.minor}`;
}

function instantText(time: number): string {
  return new Date(time * 1_000).toISOString();
}
