/** A connection with the rights of the superuser. */
type Connection = { query(text: string, values: unknown[]): Promise<unknown> };

/** A row of `takings.balance_transactions` as a test states it; instants are in milliseconds, amounts in minor units. */
export type StoredTransaction = {
  readonly id: string;
  /** By default the source `default`. */
  readonly source?: string;
  readonly account: string;
  /** By default live. */
  readonly livemode?: boolean;
  readonly category: string;
  readonly currency: string;
  readonly gross: bigint;
  readonly fee: bigint;
  readonly created: number;
  readonly availableOn: number;
  readonly effectiveAt: number;
  readonly balanceType: string | null;
  readonly sourceId: string | null;
  readonly payout: string | null;
};

/** A row of `takings.payouts` as a test states it. */
export type StoredPayout = {
  readonly id: string;
  /** By default the source `default`. */
  readonly source?: string;
  readonly account: string;
  /** By default live. */
  readonly livemode?: boolean;
  readonly amount: bigint;
  readonly currency: string;
  readonly status: string;
  readonly automatic: boolean;
  readonly arrivalDate: number;
  readonly reconciliationStatus: string | null;
  readonly members: number | null;
};

const instant = (ms: number): string => new Date(ms).toISOString();
const registerText = "insert into takings.sources (name) select unnest($1::text[]) on conflict do nothing";
const said = { event_id: "evt_1", said_at: instant(0), said_received_at: instant(0) };

// What a writer does in one recording: it keeps the earlier versions and inserts deltas.
const recordText = `
  with mine as materialized (select takings.begin_recording() as at),
  given as materialized (
    select stated from jsonb_populate_recordset(null::takings.balance_transactions, $1) as stated
  ),
  earlier as materialized (
    select stored from takings.balance_transactions as stored
    where (id, source) in (select (stated).id, (stated).source from given)
  ),
  kept as (
    insert into takings.balance_transactions_superseded
    select (stored).*, at from earlier cross join mine
  ),
  counted as (
    insert into takings.balance_deltas
    select mine.at, (version).livemode, (version).source, (version).account, point.currency,
      point.reporting_category, point.at, point.payout, sum(count), sum(point.gross), sum(point.fee), sum(point.net), sum(pending), sum(transit),
      sum(transits)
    from (select stated as version, 1 as sign from given union all select stored, -1 from earlier) as change
    cross join mine
    cross join lateral takings.balance_points(version, sign) as point
    group by 1, 2, 3, 4, 5, 6, 7, 8
  )
  insert into takings.balance_transactions
  select (jsonb_populate_record(stated, jsonb_build_object('recorded_at', at))).* from given cross join mine
  on conflict (id, source, account, livemode) do update set
    available_on = excluded.available_on, effective_at = excluded.effective_at, payout = excluded.payout,
    reporting_category = excluded.reporting_category, source_id = excluded.source_id, recorded_at = excluded.recorded_at`;

/** Records transactions or new versions of them in one recording, with their deltas. */
export async function recordTransactions(
  admin: Connection,
  transactions: readonly StoredTransaction[],
): Promise<void> {
  const rows = transactions.map((one) => ({
    ...said,
    id: one.id,
    source: one.source ?? "default",
    account: one.account,
    livemode: one.livemode ?? true,
    type: one.category,
    reporting_category: one.category,
    currency: one.currency,
    gross: String(one.gross),
    fee: String(one.fee),
    net: String(one.gross - one.fee),
    created: instant(one.created),
    available_on: instant(one.availableOn),
    effective_at: instant(one.effectiveAt),
    balance_type: one.balanceType,
    source_id: one.sourceId,
    payout: one.payout,
  }));
  await admin.query(registerText, [rows.map(({ source }) => source)]);
  await admin.query(recordText, [JSON.stringify(rows)]);
}

const payoutsText = `
  with mine as materialized (select takings.begin_recording() as at),
  given as materialized (select stated from jsonb_populate_recordset(null::takings.payouts, $1) as stated),
  kept as (
    insert into takings.payouts_superseded
    select stored.*, at from takings.payouts as stored cross join mine
    where (id, source) in (select (stated).id, (stated).source from given)
  )
  insert into takings.payouts
  select (jsonb_populate_record(stated, jsonb_build_object('recorded_at', at))).* from given cross join mine
  on conflict (id, source, account, livemode) do update set
    status = excluded.status, arrival_date = excluded.arrival_date, members = excluded.members,
    reconciliation_status = excluded.reconciliation_status, recorded_at = excluded.recorded_at`;

/** Records payouts or new versions of them in one recording. */
export async function recordPayouts(admin: Connection, payouts: readonly StoredPayout[]): Promise<void> {
  const rows = payouts.map((one) => ({
    ...said,
    id: one.id,
    source: one.source ?? "default",
    account: one.account,
    livemode: one.livemode ?? true,
    amount: String(one.amount),
    currency: one.currency,
    status: one.status,
    automatic: one.automatic,
    arrival_date: instant(one.arrivalDate),
    created: instant(0),
    reconciliation_status: one.reconciliationStatus,
    members: one.members,
  }));
  await admin.query(registerText, [rows.map(({ source }) => source)]);
  await admin.query(payoutsText, [JSON.stringify(rows)]);
}
