import type { StreamPosition, TrialJournal } from "@takings/domain";
import type { Pool } from "pg";
import { z } from "zod";
import { writeError } from "./database-errors.ts";

const countText = `
  select coalesce(unended, 0) as unended
  from unnest($1::text[], $2::bigint[]) with ordinality as asked (stream, sequence, place)
  left join takings.trials using (stream, sequence)
  order by place`;

const beginText = `
  insert into takings.trials as known (stream, sequence, unended, begun_at)
  values ($1, $2, 1, clock_timestamp())
  on conflict (stream, sequence) do update set unended = known.unended + 1, begun_at = excluded.begun_at`;

const endText = "select takings.end_trial($1, $2)";

const countRow = z.object({ unended: z.number() });

/** The journal of trials, each entry committed by itself. */
export function createTrialJournal(pool: Pool): TrialJournal {
  const run = async (text: string, values: readonly unknown[]): Promise<readonly unknown[]> => {
    try {
      return (await pool.query<Record<string, unknown>>(text, [...values])).rows;
    } catch (error) {
      throw writeError(error, "the journal of trials");
    }
  };
  return {
    async unended(positions) {
      const rows = await run(countText, [
        positions.map(({ stream }) => stream),
        positions.map(({ sequence }) => sequence),
      ]);
      return rows.map((row) => countRow.parse(row).unended);
    },
    begin: async (position) => void (await run(beginText, placeOf(position))),
    end: async (position) => void (await run(endText, placeOf(position))),
  };
}

function placeOf({ stream, sequence }: StreamPosition): readonly [string, number] {
  return [stream, sequence];
}
