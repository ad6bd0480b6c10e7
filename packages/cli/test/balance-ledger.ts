import { advanceRecordedTime, createPool } from "@takings/postgres";
import { type TestDatabase, testDatabase } from "@takings/testkit";
import type { Pool } from "pg";

/** A balance transaction of a test. Times are `YYYY-MM-DD HH:MM:SS` in UTC; amounts are in minor units. */
export type SeededTransaction = {
  readonly id: string;
  /** By default the source `default`. */
  readonly ofSource?: string;
  readonly category: string;
  readonly currency: string;
  readonly gross: bigint;
  readonly fee: bigint;
  readonly created: string;
  readonly availableOn: string;
  /** By default `created`. */
  readonly effectiveAt?: string;
  readonly source?: string;
  readonly payout?: string | null;
  readonly account?: string;
  readonly livemode?: boolean;
  readonly balanceType?: string | null;
};

/** A payout of a test. */
export type SeededPayout = {
  readonly id: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly status: string;
  readonly automatic: boolean;
  readonly arrival: string;
  readonly traceId: string | null;
  /** By default the source `default`. */
  readonly ofSource?: string;
};

/** A database whose balance ledger is filled by hand. */
export type BalanceLedger = {
  readonly database: TestDatabase;
  readonly admin: Pool;
  add(transactions: readonly SeededTransaction[], payouts?: readonly SeededPayout[]): Promise<void>;
  /** Says how far the ledger of a source's platform in live mode is complete. */
  complete(through: string | null, from?: string | null, source?: string): Promise<void>;
  close(): Promise<void>;
};

const recordedAt = "2026-01-01T00:00:00Z";

/** Creates a database with an empty balance ledger. */
export async function balanceLedger(): Promise<BalanceLedger> {
  const database = await testDatabase();
  const poolOf = (url: string): Pool =>
    createPool({ url, name: "test", max: 1, statementTimeoutMs: 60_000, onIdleError: () => {} });
  const [writing, admin] = [poolOf(database.writerUrl), poolOf(database.superuserUrl)];
  await advanceRecordedTime(writing);
  return {
    database,
    admin,
    async add(transactions, payouts = []) {
      await admin.query(
        "insert into takings.sources (name) select unnest($1::text[]) on conflict do nothing",
        [[...transactions, ...payouts].map(({ ofSource = "default" }) => ofSource)],
      );
      await admin.query(
        `insert into takings.balance_transactions (id, source, account, livemode, type, reporting_category, currency,
           gross, fee, net, created, available_on, balance_type, source_id, payout, effective_at, event_id, said_at,
           said_received_at, recorded_at)
         select id, of_source, account, livemode, 'charge', category, currency, gross, fee, gross - fee,
           (created || 'Z')::timestamptz, (available_on || 'Z')::timestamptz, balance_type, source, payout,
           (effective_at || 'Z')::timestamptz, 'evt_' || id, $1, $1, $1
         from jsonb_to_recordset($2) as row(id text, of_source text, account text, livemode boolean, category text, currency text,
           gross bigint, fee bigint, created text, available_on text, balance_type text, source text, payout text,
           effective_at text)`,
        [recordedAt, JSON.stringify(transactions.map(transactionRow))],
      );
      await admin.query(
        `insert into takings.payouts (id, source, account, livemode, amount, currency, status, automatic, arrival_date, created,
           trace_id, reconciliation_status, event_id, said_at, said_received_at, recorded_at)
         select id, of_source, '', true, amount, currency, status, automatic, (arrival || 'Z')::timestamptz,
           (arrival || 'Z')::timestamptz - interval '2 days', trace_id,
           case when automatic then 'completed' else 'not_applicable' end, 'evt_' || id, $1, $1, $1
         from jsonb_to_recordset($2) as row(id text, of_source text, amount bigint, currency text, status text, automatic boolean,
           arrival text, trace_id text)`,
        [recordedAt, JSON.stringify(payouts.map(payoutRow))],
      );
    },
    async complete(through, from = null, source = "default") {
      await admin.query(
        `insert into takings.balance_syncs (source, account, livemode, complete_from, complete_through, complete_recorded_at)
         values ($3, '', true, $2, $1, case when $1::timestamptz is not null then now() end)
         on conflict (source, account, livemode) do update set complete_from = excluded.complete_from,
           complete_through = excluded.complete_through, complete_recorded_at = excluded.complete_recorded_at`,
        [through, from, source],
      );
    },
    async close() {
      await Promise.all([writing.end(), admin.end()]);
      await database.drop();
    },
  };
}

function transactionRow(row: SeededTransaction): Record<string, unknown> {
  const { gross, fee, ofSource = "default", ...rest } = row;
  return {
    of_source: ofSource,
    account: "",
    livemode: true,
    balance_type: "payments",
    ...rest,
    gross: String(gross),
    fee: String(fee),
    available_on: row.availableOn,
    effective_at: row.effectiveAt ?? row.created,
    ...(row.balanceType !== undefined && { balance_type: row.balanceType }),
  };
}

function payoutRow({
  amount,
  traceId,
  ofSource = "default",
  ...rest
}: SeededPayout): Record<string, unknown> {
  return { ...rest, of_source: ofSource, amount: String(amount), trace_id: traceId };
}
