import type { Moment } from "@takings/domain";
import type { Pool } from "pg";
import { z } from "zod";
import { momentText } from "./moment-text.ts";
import { runRead } from "./run-read.ts";

const text = `select ${momentText("takings.safe_read_time()")} as moment`;
const momentRow = z.object({ moment: z.string() });

/**
 * The safe read time up to which the record is settled; see `PaymentReader.safeReadTime`.
 * @throws TakingsError `unavailable`, or `stale` when a recording has been in progress for more than a minute or the
 * server is a standby: nothing that is near the present can be told then.
 */
export async function readSafeReadTime(pool: Pool): Promise<Moment> {
  const parse = (row: unknown): Moment => momentRow.parse(row).moment;
  const [moment] = await runRead(pool, {
    what: "the safe read time",
    name: "safe read time",
    text,
    values: [],
    parse,
  });
  if (moment === undefined) throw new Error("takings.safe_read_time() gave no row: run the migrations again");
  return moment;
}
