import { withClient } from "@takings/local";
import { dropIndexes } from "./drop-indexes.ts";

/** The time range of the transactions, in milliseconds; the end is exclusive. */
export const balanceTime = { from: Date.UTC(2025, 0, 1), to: Date.UTC(2026, 0, 1) } as const;
/** The accounts: the platform's and nine connected ones, of falling size. */
export const balanceAccounts: readonly string[] = [
  "",
  ...Array.from({ length: 9 }, (_, n) => `acct_1Bench${n}`),
];
export const balanceCurrencies = ["usd", "eur", "gbp", "jpy", "chf"] as const;
/** Payouts have transactions of their own. */
export const balanceCategories = [
  "charge",
  "fee",
  "refund",
  "transfer",
  "platform_earning",
  "dispute",
  "refund_failure",
  "dispute_reversal",
  "charge_failure",
  "adjustment",
  "topup",
  "transfer_reversal",
  "partial_capture_reversal",
  "risk_reserved_funds",
  "platform_earning_refund",
  "tax",
  "advance",
  "advance_funding",
  "unknown_of_2027",
] as const;

const chunk = 250_000;
/** A transaction with its indexes, its share of earlier versions and of the write-ahead log; an upper bound. */
export const bytesPerTransaction = 2_000;

const columns = `
  id, source, account, livemode, type, reporting_category, currency, gross, fee, net, created, available_on,
  status, balance_type, description, source_id, payout, effective_at, event_id, said_at, said_received_at, recorded_at`;

// The newest first, as Stripe lists them. Each becomes available at midnight some days later, and is then paid out by the
// automatic payout of its account, currency and day. $1 is the number of the first, $2 how many, $3 how many in all, $4 and
// $5 the time and its length in seconds, $6 to $8 accounts, currencies and categories, $10 the sources. Until $9 there is no chf and no
// platform_earning: what is frequent, but begins late, must not be searched for from the beginning.
const transactionsText = `
  insert into takings.balance_transactions (${columns})
  select 'txn_' || lpad(n::text, 24, '0'), ($10::text[])[1 + n % cardinality($10)], account, true, category, category, currency, gross, fee, gross - fee, at,
    available_on, 'available', case when n % 1000 = 0 then 'issuing' end, 'Payment of an order', 'ch_' || n,
    case when n % 1000 <> 0 then 'po_' || account || currency || to_char(available_on, 'YYYYMMDD') end, at,
    'evt_balance_' || n, at, at, clock_timestamp()
  from (
    select n, at, ($6::text[])[1 + floor(10 * power(account_dice, 4))::integer] as account,
      case when at < $9::timestamptz then replace(currency, 'chf', 'usd') else currency end as currency,
      case when at < $9::timestamptz and category = 'platform_earning' then 'charge' else category end as category,
      100 + floor(40000 * random())::bigint as gross, floor(300 * random())::bigint as fee,
      date_trunc('day', at) + (2 + floor(4 * random())) * interval '1 day' as available_on
    from (
      select n, random() as account_dice,
        ($7::text[])[1 + floor(5 * power(random(), 3))::integer] as currency,
        ($8::text[])[1 + floor(19 * power(random(), 5))::integer] as category,
        date_trunc('second', $4::timestamptz + $5::float * (1 - n / $3::float) * interval '1 second') as at
      from generate_series($1::bigint, $1::bigint + $2::bigint - 1) as number (n)
    ) as thrown
  ) as drawn`;

const payoutsText = `
  insert into takings.payouts (
    id, source, account, livemode, amount, currency, status, automatic, arrival_date, created, trace_id,
    reconciliation_status, members, event_id, said_at, said_received_at, recorded_at
  )
  select payout, source, account, true, sum(net), currency, 'paid', true, available_on + interval '2 days',
    available_on + interval '4 hours', 'trace', 'completed', count(*), 'evt_1', available_on, available_on,
    clock_timestamp()
  from takings.balance_transactions
  where payout is not null
  group by payout, source, account, currency, available_on`;

const ofPayoutsText = `
  insert into takings.balance_transactions (${columns})
  select 'txn_of_' || id, source, account, livemode, 'payout', 'payout', currency, -amount, 0, -amount, created, created,
    'available', null, 'STRIPE PAYOUT', id, id, arrival_date, 'evt_1', created, created, clock_timestamp()
  from takings.payouts`;

// A tenth of the transactions was read while it was pending.
const earlierText = `
  insert into takings.balance_transactions_superseded (${columns}, superseded_at)
  select ${columns.replace("status,", "'pending',").replace("payout,", "null,").replace(", recorded_at", "")},
    recorded_at - interval '1 day', recorded_at
  from takings.balance_transactions where id like 'txn_%0'`;

/**
 * Fills the balance ledger with that many transactions, and their payouts, builds the rollup and vacuums the tables. Needs
 * the superuser of an empty database.
 */
export async function loadBalance(
  url: string,
  { transactions, sources }: { readonly transactions: number; readonly sources: readonly string[] },
  say: (line: string) => void,
): Promise<void> {
  await withClient(url, async (client) => {
    await client.query(
      "set timezone = 'UTC'; set synchronous_commit = off; set jit = off; set work_mem = '512MB'",
    );
    const tables = ["balance_transactions", "balance_transactions_superseded"];
    const createIndexes: string[] = [];
    for (const table of tables) createIndexes.push(await dropIndexes(client, table));
    const late = new Date(balanceTime.to - (balanceTime.to - balanceTime.from) / 6);
    const seconds = (balanceTime.to - balanceTime.from) / 1_000;
    await client.query(
      "insert into takings.sources (name) select unnest($1::text[]) on conflict do nothing",
      [sources],
    );
    await client.query("select setseed(0.5)");
    for (let done = 0; done < transactions; done += chunk) {
      const count = Math.min(chunk, transactions - done);
      const drawn = [balanceAccounts, balanceCurrencies, balanceCategories];
      const values = [
        done,
        count,
        transactions,
        new Date(balanceTime.from),
        seconds,
        ...drawn,
        late,
        sources,
      ];
      await client.query(transactionsText, values);
      say(`${done + count} transactions`);
    }
    for (const text of [payoutsText, ofPayoutsText, earlierText]) await client.query(text);
    say("creating the indexes");
    for (const text of createIndexes) await client.query(text);
    await client.query("analyze");
    // The rollup is built as of this moment, so that nothing is left pending.
    await client.query("select takings.begin_recording()");
    await client.query("update takings.balance_watermark set watermark = takings.safe_read_time()");
    say("building the rollup");
    await client.query("select takings.rebuild_balance_rollup()");
    await client.query(
      "insert into takings.balance_syncs (source, account, livemode) values ('default', '', true)",
    );
    say("vacuuming");
    await client.query("vacuum analyze");
    await client.query("checkpoint");
  });
}
