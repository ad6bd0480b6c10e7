import type { LedgerEntry, LedgerFilter, LedgerPage } from "@takings/domain";
import type { Pool } from "pg";
import {
  ledgerColumns,
  ledgerConditions,
  ledgerFields,
  ledgerFilterValues,
  ledgerSources,
  parseLedgerRow,
} from "../columns/ledger-row.ts";
import { runRead } from "../session/run-read.ts";

type Order = NonNullable<LedgerPage["order"]>;

const pageOf = (order: Order): string => `
  ${ledgerConditions}
  and ($8::timestamptz is null or (occurred_at, id) ${order === "asc" ? ">" : "<"} ($8::timestamptz, $9::text))
  order by occurred_at ${order}, id ${order}
  limit $10`;

// The two halves of takings.ledger_as_of, each cut to a page of one source before they are merged. So each is read in the
// order of its index and no further than one page, while a sort of their union would read all rows that match.
const textOf = (order: Order): string => `
  select ${ledgerColumns}
  from takings.sources
  cross join lateral (
    (select ${ledgerFields} from takings.ledger where recorded_at <= $1::timestamptz and ${pageOf(order)})
    union all
    (
      select ${ledgerFields}
      from takings.ledger_superseded
      where recorded_at <= $1::timestamptz and superseded_at > $1::timestamptz and ${pageOf(order)}
    )
  ) as entry
  where ${ledgerSources}
  order by occurred_at ${order}, id ${order}
  limit $10`;

/**
 * A page of entries in the order of (`occurred_at`, `id`), or the reverse, beginning after `page.after`. The id of an entry contains its
 * source.
 * @throws TakingsError `unavailable`
 */
export function readEntries(pool: Pool, filter: LedgerFilter, page: LedgerPage): Promise<LedgerEntry[]> {
  const position = [page.after?.time ?? null, page.after?.id ?? null, page.limit];
  const values = [...ledgerFilterValues(filter), ...position];
  const text = textOf(page.order ?? "asc");
  return runRead(pool, { what: "ledger entries", text, values, parse: parseLedgerRow });
}
