import { withClient } from "@takings/local";
import type { TestDatabase } from "./database.ts";

const hourMs = 3_600_000;

/**
 * Stores a balance of live mode of the platform, as if it had been read: charges in two currencies, of which one is not
 * available yet, a fee, a payout on its way, and one that arrived with a member of another amount.
 */
export async function storeBalance(database: TestDatabase): Promise<void> {
  const hoursAgo = (hours: number): string => new Date(Date.now() - hours * hourMs).toISOString();
  const read = {
    source: "default",
    account: "",
    livemode: true,
    event_id: "evt_read",
    recorded_at: hoursAgo(1),
  };
  const said = { said_at: hoursAgo(2), said_received_at: hoursAgo(2) };
  const transaction = (id: string, fields: object): object => ({
    id,
    type: "charge",
    reporting_category: "charge",
    currency: "usd",
    available_on: hoursAgo(24),
    ...read,
    ...said,
    ...fields,
  });
  const at = (hours: number): object => ({ created: hoursAgo(hours), effective_at: hoursAgo(hours) });
  const ofPayout = { type: "payout", reporting_category: "payout", fee: 0 };
  const transactions = [
    transaction("txn_1", { gross: 10_000, fee: 320, net: 9_680, ...at(72), payout: "po_paid" }),
    transaction("txn_2", { gross: 5_000, fee: 175, net: 4_825, ...at(5), available_on: hoursAgo(-48) }),
    transaction("txn_3", { gross: 3_000, fee: 100, net: 2_900, ...at(48), currency: "jpy" }),
    transaction("txn_4", { gross: -1_000, fee: 0, net: -1_000, ...at(48), reporting_category: "fee" }),
    transaction("txn_5", { ...ofPayout, gross: -9_000, net: -9_000, ...at(24), source_id: "po_paid" }),
    transaction("txn_6", {
      ...ofPayout,
      gross: -2_000,
      net: -2_000,
      created: hoursAgo(5),
      effective_at: hoursAgo(-48),
      source_id: "po_way",
    }),
  ];
  const payout = { currency: "usd", automatic: true, ...read, ...said };
  const payouts = [
    {
      ...payout,
      id: "po_paid",
      amount: 9_000,
      status: "paid",
      created: hoursAgo(48),
      arrival_date: hoursAgo(24),
      reconciliation_status: "completed",
      members: 1,
    },
    {
      ...payout,
      id: "po_way",
      amount: 2_000,
      status: "in_transit",
      created: hoursAgo(5),
      arrival_date: hoursAgo(-48),
    },
  ];
  await withClient(database.superuserUrl, async (client) => {
    for (const [table, rows] of Object.entries({ balance_transactions: transactions, payouts }))
      await client.query(
        `insert into takings.${table} select * from json_populate_recordset(null::takings.${table}, $1)`,
        [JSON.stringify(rows)],
      );
    await client.query("update takings.balance_watermark set watermark = $1", [hoursAgo(0.5)]);
    await client.query("select takings.rebuild_balance_rollup()");
    await client.query(
      `insert into takings.balance_syncs (source, account, livemode, complete_through, complete_recorded_at)
       values ('default', '', true, $1, $1)`,
      [hoursAgo(1)],
    );
  });
}
