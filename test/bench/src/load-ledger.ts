import { statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { withClient } from "@takings/local";
import { createPool, rebuildRollup } from "@takings/postgres";
import { dropIndexes } from "./drop-indexes.ts";

/** The time range of the entries, in milliseconds; the end is exclusive. */
export const loadedTime = { from: Date.UTC(2020, 0, 1), to: Date.UTC(2025, 0, 1) } as const;
/** The accounts of the entries: the platform's and two connected ones. */
export const loadedAccounts = ["", "acct_1BenchNorth", "acct_1BenchSouth"] as const;

const chunk = 250_000;
/** An entry with its indexes and its share of the write-ahead log; an upper bound. */
const bytesPerEntry = 1_500;

/**
 * Payments in order of time, like those of a real shop: what was recorded together is then together on disk, which
 * favours a plain sum over the ledger. $1 is the number of the first entry, $2 how many
 * there are, $3 and $4 the part of the whole load that this is, from 0 to 1; $5 begins the time and $6 is its length
 * in seconds; $7 are the accounts.
 */
const text = `
  insert into takings.ledger (
    id, kind, source, account, livemode, object_id, amount, currency, occurred_at, event_id,
    payment_intent, recorded_at
  )
  select 'le_' || md5('entry' || n), kind, 'default', account, true,
    case when kind = 'payment' then payment_intent when kind = 'dispute' then 'dp_' || name else 're_' || name end,
    case when kind in ('payment', 'refund_reversal') then size else -size end,
    currency, at, event_id, payment_intent, clock_timestamp()
  from (
    select n, 'pi_' || substr(md5('payment' || n), 1, 24) as payment_intent, substr(md5('object' || n), 1, 24) as name,
      'evt_' || substr(md5('event' || n), 1, 24) as event_id,
      case when dice < 0.90 then 'payment' when dice < 0.98 then 'refund' when dice < 0.99 then 'refund_reversal'
        else 'dispute' end as kind,
      ($7::text[])[case when account_dice < 0.5 then 1 when account_dice < 0.8 then 2 else 3 end] as account,
      ('{usd,eur,gbp,jpy,chf,sek,nok,dkk,pln,cad,aud,inr}'::text[])[1 + floor(random() * 12)::integer] as currency,
      100 + floor(random() * 40000)::bigint as size,
      -- Whole seconds, as in Stripe's events.
      date_trunc(
        'second',
        $5::timestamptz
          + $6::float * ($3::float + ($4::float - $3::float) * (n - $1::bigint) / $2::bigint) * interval '1 second'
      ) as at
    from (
      select n, random() as dice, random() as account_dice
      from generate_series($1::bigint, $1::bigint + $2::bigint - 1) as number (n)
    ) as thrown
  ) as entry`;

/**
 * Adds entries, the same ones each time, until there are `until`, rebuilds the rollup and vacuums the tables. Needs the
 * superuser of a database without other writers.
 */
export async function loadLedger(
  url: string,
  span: { readonly present: number; readonly until: number },
  say: (line: string) => void,
): Promise<void> {
  await withClient(url, async (client) => {
    await client.query("set timezone = 'UTC'; set synchronous_commit = off; set jit = off");
    const createIndexes = await dropIndexes(client, "ledger");
    const added = span.until - span.present;
    for (let done = 0; done < added; done += chunk) {
      const count = Math.min(chunk, added - done);
      const seconds = (loadedTime.to - loadedTime.from) / 1_000;
      await client.query("select setseed($1)", [((span.present + done) % 1_000_003) / 1_000_003]);
      const part = [done / added, (done + count) / added];
      const values = [
        span.present + done,
        count,
        ...part,
        new Date(loadedTime.from),
        seconds,
        loadedAccounts,
      ];
      await client.query(text, values);
      say(`${span.present + done + count} entries`);
    }
    say("creating the indexes");
    await client.query(createIndexes);
    await client.query("analyze takings.ledger");
    // Nothing recorded later than the latest recording can be read.
    await client.query("select takings.begin_recording()");
    // The rollup is built as of this moment, so that nothing is left pending.
    await client.query("update takings.rollup_watermark set watermark = takings.safe_read_time()");
  });
  say("building the rollup");
  await fillRollup(url);
  say("vacuuming");
  await withClient(url, async (client) => {
    await client.query("vacuum analyze");
    await client.query("checkpoint");
  });
}

async function fillRollup(url: string): Promise<void> {
  const onIdleError = (): void => {};
  const pool = createPool({ url, name: "bench", max: 1, statementTimeoutMs: 21_600_000, onIdleError });
  await rebuildRollup(pool);
  await pool.end();
}

/** @throws Error when the disk of the directory for temporary files is too small for that many entries. */
export async function requireRoomFor(entries: number, bytesEach = bytesPerEntry): Promise<void> {
  const { bavail, bsize } = await statfs(tmpdir());
  const [free, needed] = [bavail * bsize, entries * bytesEach];
  if (free >= needed) return;
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
  throw new Error(
    `${entries} rows need ${gigabytes(needed)} in ${tmpdir()} and ${gigabytes(free)} are free: ` +
      `free some space, set TMPDIR to a larger disk, or give fewer.`,
  );
}
