import type { Pool } from "pg";
import { z } from "zod";
import { runRead } from "../session/run-read.ts";

/** A source that the database has. */
export type StoredSource = {
  readonly name: string;
  /** When the latest event of its webhooks happened; `undefined` where there is none. */
  readonly latestEvent: Date | undefined;
};

// In the order of an index that leaves out the readings of the balance.
const sourcesText = `
  select name, (
    select created from takings.events
    where source = name and type not in ('takings.balance_transaction', 'takings.payout')
    order by created desc limit 1
  ) as latest
  from takings.sources order by name`;

const sourceRow = z
  .object({ name: z.string(), latest: z.date().nullable() })
  .transform(({ name, latest }) => ({ name, latestEvent: latest ?? undefined }));

/** The sources that may have events. Needs the role `takings_reader`. @throws TakingsError `unavailable` */
export function readStoredSources(pool: Pool): Promise<readonly StoredSource[]> {
  return runRead(pool, {
    what: "the sources",
    text: sourcesText,
    values: [],
    parse: (row) => sourceRow.parse(row),
  });
}
