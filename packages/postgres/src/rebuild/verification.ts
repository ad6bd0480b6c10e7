import { type Moment, rulesVersion, TakingsError } from "@takings/domain";
import { z } from "zod";
import { checkRollup } from "../rollup/check-rollup.ts";
import type { Discrepancy } from "./discrepancy.ts";
import { openClient } from "../session/open-client.ts";
import { createPayloadCodec } from "../columns/payload-codec.ts";
import { checkBalanceRollup } from "../balance/check-balance-rollup.ts";
import { type BalanceComparison, comparedBalance } from "./compared-balance.ts";
import { type ComparedPayment, comparedPayments } from "./compared-payments.ts";
import { type EventWithBody, readAllEvents } from "./stored-events.ts";
import { type ConfiguredAccounts, type PlatformAccounts, readPlatformAccounts } from "../session/sources.ts";

/** One snapshot of the whole store, to be verified. */
export type Verification = {
  /** When the snapshot was taken. */
  readonly asOf: Moment;
  /** See {@link readPlatformAccounts}. */
  platformAccounts(configured: ConfiguredAccounts): Promise<PlatformAccounts>;
  events(): AsyncGenerator<readonly EventWithBody[]>;
  /** The ledger as it is stored and as it follows from the facts of the events, payment by payment. */
  payments(): AsyncGenerator<ComparedPayment>;
  /** Compares the rollup with the ledger. */
  checkRollup(): Promise<readonly Discrepancy[]>;
  /** The balance as it is stored and as it follows from what the events say. */
  balance(): AsyncGenerator<BalanceComparison>;
  /** Compares the sums of the balance with its transactions. */
  checkBalanceRollup(): Promise<readonly Discrepancy[]>;
};

/** Cursors are read to their end, so the planner must not favour the first rows. */
const settings = { work_mem: "65536", cursor_tuple_fraction: "1" };

const beginText = `
  select to_char(transaction_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as moment,
    takings.current_rules_version() as rules`;

const beginRow = z.object({ moment: z.string(), rules: z.number() });

/**
 * Runs `work` on one snapshot of the store. Needs the role `takings_reader`.
 * @throws TakingsError `invalid` when the store was read by rules of a newer version.
 */
export async function withVerification<T>(
  url: string,
  work: (verification: Verification) => Promise<T>,
): Promise<T> {
  const client = await openClient(url, { name: "verify", settings });
  try {
    await client.query("begin isolation level repeatable read read only");
    const { rows } = await client.query(beginText);
    const { moment: asOf, rules } = beginRow.parse(rows[0]);
    if (rules > rulesVersion) throw ofNewerVersion(rules);
    const result = await work({
      asOf,
      platformAccounts: (configured) => readPlatformAccounts(client, configured),
      events: () => readAllEvents(client, createPayloadCodec()),
      payments: () => comparedPayments(client),
      checkRollup: () => checkRollup(client),
      balance: () => comparedBalance(client),
      checkBalanceRollup: () => checkBalanceRollup(client),
    });
    await client.query("commit");
    return result;
  } finally {
    await client.end();
  }
}

function ofNewerVersion(rules: number): TakingsError {
  return new TakingsError(
    "invalid",
    `this version reads events by rules version ${rulesVersion}, and the store has ${rules}: run the newer version`,
  );
}
