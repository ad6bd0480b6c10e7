import type { Moment } from "@takings/domain";
import type { Pool } from "pg";
import { z } from "zod";
import { momentText } from "./moment-text.ts";
import { runRead } from "./run-read.ts";

const text = `select ${momentText("takings.latest_moment()")} as moment`;
const momentRow = z.object({ moment: z.string() });

/**
 * The latest moment up to which the record is settled; see `PaymentReader.latestMoment`.
 * @throws TakingsError `unavailable`, or `stale` when a recording has been in progress for more than a minute or the
 * server is a standby: nothing that is near the present can be told then.
 */
export async function readLatestMoment(pool: Pool): Promise<Moment> {
  const parse = (row: unknown): Moment => momentRow.parse(row).moment;
  const [moment] = await runRead(pool, {
    what: "the latest moment",
    name: "latest moment",
    text,
    values: [],
    parse,
  });
  if (moment === undefined) throw new Error("takings.latest_moment() gave no row: run the migrations again");
  return moment;
}
