import type { LedgerEntry, LedgerFilter, Page } from "@takings/domain";
import type { Pool } from "pg";
import {
  ledgerColumns,
  ledgerConditions,
  ledgerFilterValues,
  parseLedgerRow,
} from "../columns/ledger-row.ts";
import { runRead } from "../session/run-read.ts";

const pageOf = `
  ${ledgerConditions}
  and ($7::timestamptz is null or (occurred_at, id) > ($7::timestamptz, $8::text))
  order by occurred_at, id
  limit $9`;

// The two halves of takings.ledger_as_of, each cut to a page before they are merged. So each is read in the order of its
// index and no further than one page, while a sort of their union would read all rows that match.
const text = `
  select ${ledgerColumns}
  from (
    (select * from takings.ledger where recorded_at <= $1::timestamptz and ${pageOf})
    union all
    (
      select id, kind, account, livemode, object_id, amount, currency, occurred_at, event_id,
        payment_intent, recorded_at
      from takings.ledger_superseded
      where recorded_at <= $1::timestamptz and superseded_at > $1::timestamptz and ${pageOf}
    )
  ) as entry
  order by occurred_at, id
  limit $9`;

/**
 * A page of entries in the order of (`occurred_at`, `id`), beginning after `page.after`.
 * @throws TakingsError `unavailable`
 */
export function readEntries(pool: Pool, filter: LedgerFilter, page: Page): Promise<LedgerEntry[]> {
  const position = [page.after?.time ?? null, page.after?.id ?? null, page.limit];
  const values = [...ledgerFilterValues(filter), ...position];
  return runRead(pool, { what: "ledger entries", text, values, parse: parseLedgerRow });
}
