import type { Pool } from "pg";
import { comparedBalance } from "../src/rebuild/compared-balance.ts";
import { checkBalanceRollup } from "../src/balance/check-balance-rollup.ts";

/** Where the balance of a store differs from its events, and its totals from its transactions. */
export async function balanceFaults(admin: Pool): Promise<readonly unknown[]> {
  const client = await admin.connect();
  await client.query("begin isolation level repeatable read read only");
  try {
    const found = await Array.fromAsync(comparedBalance(client));
    return [...found.filter((one) => !("compared" in one)), ...(await checkBalanceRollup(client))];
  } finally {
    await client.query("rollback");
    client.release();
  }
}
