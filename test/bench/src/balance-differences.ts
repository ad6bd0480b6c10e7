import { type BalanceLife, payoutsOf, transactionsOf } from "@takings/simulator";
import { Client } from "pg";

type Amounts = { count: number; net: bigint };

/** Compares the stored transactions and payouts with a life, day by day and payout by payout. Returns what differs. */
export async function differencesFromLife(url: string, life: BalanceLife): Promise<readonly string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const stored = await client.query<{ key: string; count: number; net: string }>(`
      select concat_ws(' ', extract(epoch from date_trunc('day', created, 'UTC'))::bigint, currency, payout) as key,
        count(*)::int, sum(net)::text as net
      from takings.balance_transactions group by 1`);
    const expected = new Map<string, Amounts>();
    for (const { created, currency, payout, net } of transactionsOf(life)) {
      const key = [created - (created % 86_400), currency, ...(payout === null ? [] : [payout])].join(" ");
      const sum = expected.get(key) ?? { count: 0, net: 0n };
      expected.set(key, { count: sum.count + 1, net: sum.net + net });
    }
    const payouts = await client.query<{ id: string; members: number | null }>(
      "select id, members from takings.payouts",
    );
    const members = new Map(payouts.rows.map((row) => [row.id, row.members]));
    return [
      ...stored.rows.flatMap(({ key, count, net }) => {
        const wanted = expected.get(key);
        expected.delete(key);
        return wanted?.count === count && wanted.net === BigInt(net) ? [] : [`transactions of ${key}`];
      }),
      ...[...expected.keys()].map((key) => `no transactions of ${key}`),
      ...[...payoutsOf(life)].flatMap(({ id, reconciledAt }) =>
        members.get(id) === (reconciledAt === undefined ? null : life.membersOf(id).length)
          ? []
          : [`members of ${id}`],
      ),
    ].slice(0, 20);
  } finally {
    await client.end();
  }
}
