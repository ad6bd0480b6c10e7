import { withClient } from "@takings/local";
import { createRandom } from "@takings/simulator";
import type { Client } from "pg";
import {
  type BalanceAnswer,
  balanceAnswers,
  type BalanceRequest,
  randomBalanceRequest,
} from "./balance-requests.ts";
import { bytesPerTransaction, loadBalance } from "./load-balance.ts";
import { requireRoomFor } from "./load-ledger.ts";
import { startRevenueService } from "./revenue-service.ts";
import { type Measurement, median, quantile } from "./statistics.ts";
import { startTemporaryPostgres } from "./temporary-postgres.ts";

export type BalanceBenchOptions = {
  /** Size of the balance ledger. */
  readonly transactions: number;
  /** How many sources have them. With several, every other request is about all of them. */
  readonly sources: number;
  /** Receives progress messages. */
  readonly say: (line: string) => void;
};

/** Until connections have cached plans and the code is compiled. */
const warmUp = 60;
const requests = 300;
const sums = 5;

/** Measures response times of answers about the balance, and of sums over the transactions that answer the same. */
export async function benchBalance({
  transactions,
  sources,
  say,
}: BalanceBenchOptions): Promise<readonly Measurement[]> {
  await requireRoomFor(transactions, bytesPerTransaction);
  await using postgres = await startTemporaryPostgres();
  const names = ["default", ...Array.from({ length: sources - 1 }, (_, n) => `shop-${n + 1}`)];
  await loadBalance(postgres.superuserUrl, { transactions, sources: names }, say);
  return await measureAnswers(postgres.readerUrl, names, say);
}

/** Sends random requests to revenue-query, one at a time. */
async function measureAnswers(
  readerUrl: string,
  sources: readonly string[],
  say: (line: string) => void,
): Promise<readonly Measurement[]> {
  await using service = await startRevenueService(readerUrl);
  const random = createRandom(1);
  const measurements: Measurement[] = [];
  for (const answer of balanceAnswers) {
    say(`measuring ${answer}`);
    const times: number[] = [];
    for (let n = 0; n < warmUp + requests; n += 1) {
      const { ms } = await service.request(randomBalanceRequest(random, answer, sources).path);
      if (n >= warmUp) times.push(ms);
    }
    measurements.push(...spread(answer, times));
  }
  say("adding up the transactions");
  const plain = await withClient(readerUrl, async (client) => {
    const times: number[] = [];
    for (let n = 0; n < sums; n += 1) {
      const wanted = randomBalanceRequest(random, "summary", sources);
      const { body } = await service.request(wanted.path);
      times.push(await requireSameNet(client, body, wanted));
    }
    return times;
  });
  return [...measurements, { name: "sum_median_ms", value: median(plain), unit: "ms" }];
}

function spread(answer: BalanceAnswer, times: readonly number[]): Measurement[] {
  return [
    { name: `${answer}_median_ms`, value: median(times), unit: "ms" },
    { name: `${answer}_p99_ms`, value: quantile(times, 0.99), unit: "ms" },
  ];
}

type Summary = {
  readonly currencies: readonly {
    readonly currency: string;
    readonly starting_balance: { readonly minor: string };
    readonly ending_balance: { readonly minor: string };
  }[];
};

/** How long a sum over the transactions takes. @throws Error when the response differs: then its speed is meaningless. */
async function requireSameNet(
  client: Client,
  body: string,
  { path, from, to, source, account }: BalanceRequest,
): Promise<number> {
  const text = `
    select currency, coalesce(sum(net) filter (where effective_at < $1), 0)::text as starting, sum(net)::text as ending
    from takings.balance_transactions
    where livemode and ($3 = '*' or account = $3) and ($4 = '*' or source = $4) and effective_at < $2
      and coalesce(balance_type, 'payments') = 'payments'
    group by currency order by currency collate "C"`;
  const begun = performance.now();
  const { rows } = await client.query(text, [from, to, account, source]);
  const ms = performance.now() - begun;
  const answered = (JSON.parse(body) as Summary).currencies.map((one) => ({
    currency: one.currency,
    starting: one.starting_balance.minor,
    ending: one.ending_balance.minor,
  }));
  if (JSON.stringify(answered) === JSON.stringify(rows)) return ms;
  throw new Error(`GET ${path} and a sum over the transactions differ: fix the rollup or the query first.`);
}
