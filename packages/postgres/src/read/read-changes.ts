import type { LedgerChange, LedgerFilter, Moment, Page } from "@takings/domain";
import type { Pool } from "pg";
import { z } from "zod";
import {
  ledgerColumns,
  ledgerConditionsOfAnySource,
  ledgerFields,
  ledgerFilterValues,
  parseLedgerRow,
} from "../columns/ledger-row.ts";
import { momentText } from "../columns/moment-text.ts";
import { runRead } from "../session/run-read.ts";
import { platformsOf } from "./platforms-of.ts";

/** The versions of a table that begin or end (`moment`) after `since` and up to the filter's moment, cut to a page. */
const stepsOf = (table: string, moment: string, isBefore: boolean, conditions: string): string => `
  (
    select ${moment} as at, id, ${isBefore} as is_before
    from takings.${table}
    where ${moment} > $8::timestamptz and ${moment} <= $1::timestamptz
      and ($9::timestamptz is null or (${moment}, id) >= ($9::timestamptz, split_part($10::text, ':', 1)))
      -- A version that was superseded at its own recorded time was never current.
      ${table === "ledger" ? "" : "and superseded_at > recorded_at"}
      and ${conditions}
    order by ${moment}, id
    limit $11::integer + 1
  )`;

// A version begins where the previous one ends, so a change is found from either side. One step more than a page is read,
// because the first step may have been shown in part on the previous page.
const textOf = (conditions: string): string => `
  with step as (
    select at, id, bool_or(is_before) as is_before_in, bool_or(not is_before) as is_after_in
    from (
      ${stepsOf("ledger", "recorded_at", false, conditions)}
      union all
      ${stepsOf("ledger_superseded", "recorded_at", false, conditions)}
      union all
      ${stepsOf("ledger_superseded", "superseded_at", true, conditions)}
    ) as touched
    group by at, id
    order by at, id
    limit $11::integer + 1
  ),
  change as (
    select step.at, step.id, concerned.concerns,
      case when before.id is not null then to_jsonb(before) end as before,
      case when after.id is not null then to_jsonb(after) end as after
    from step
    left join lateral (
      select ${ledgerColumns}
      from takings.ledger_superseded
      where id = step.id and superseded_at = step.at and superseded_at > recorded_at
    ) as before on true
    left join lateral (
      select ${ledgerColumns}
      from (
        select ${ledgerFields} from takings.ledger where id = step.id and recorded_at = step.at
        union all
        select ${ledgerFields}
        from takings.ledger_superseded
        where id = step.id and recorded_at = step.at and superseded_at > recorded_at
      ) as version
    ) as after on true
    cross join lateral (
      select case
        when is_before_in and is_after_in and before.currency = after.currency then array['both']
        when is_before_in and is_after_in then array['after', 'before']
        when is_before_in then array['before']
        else array['after']
      end as sides
    ) as seen
    cross join lateral unnest(seen.sides) as concerned (concerns)
  )
  select id, ${momentText("at")} as at_text, concerns, before, after
  from change
  where $9::timestamptz is null
    or (at, id, concerns collate "C")
      > ($9::timestamptz, split_part($10::text, ':', 1), split_part($10::text, ':', 2))
  order by at, id, concerns collate "C"
  limit $11::integer`;

const state = z.unknown().transform((row) => (row === null ? null : parseLedgerRow(row)));
const changeRow = z.object({
  id: z.string(),
  at_text: z.string(),
  concerns: z.enum(["before", "after", "both"]),
  before: state,
  after: state,
});

/**
 * A page of the changes after `since` in what the filter selects; see `PaymentReader.changes`.
 * @throws TakingsError `unavailable`
 */
export async function readChanges(
  pool: Pool,
  filter: LedgerFilter,
  since: Moment,
  page: Page,
): Promise<LedgerChange[]> {
  const platforms = await platformsOf(pool, filter.account);
  const position = [page.after?.time ?? null, page.after?.id ?? null, page.limit];
  const values = [
    ...ledgerFilterValues(filter),
    since,
    ...position,
    ...(platforms === undefined ? [] : [platforms]),
  ];
  const text = textOf(ledgerConditionsOfAnySource(platforms && "$12"));
  const parse = (row: unknown): LedgerChange => {
    const { id, at_text, concerns, before, after } = changeRow.parse(row);
    return { entryId: id, recordedAt: at_text, before, after, concerns };
  };
  return runRead(pool, { what: "changes", text, values, parse });
}
