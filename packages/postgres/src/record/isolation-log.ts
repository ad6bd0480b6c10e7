import type { StreamPosition, IsolationLog } from "@takings/domain";
import type { Pool } from "pg";
import { z } from "zod";
import { writeError } from "../session/database-errors.ts";

const countText = `
  select coalesce(unfinished, 0) as unfinished
  from unnest($1::text[], $2::bigint[]) with ordinality as asked (stream, sequence, place)
  left join takings.isolation_attempts using (stream, sequence)
  order by place`;

const beginText = `
  insert into takings.isolation_attempts as known (stream, sequence, unfinished, started_at)
  values ($1, $2, 1, clock_timestamp())
  on conflict (stream, sequence) do update set unfinished = known.unfinished + 1, started_at = excluded.started_at`;

const endText = "select takings.end_isolation_attempt($1, $2)";

const countRow = z.object({ unfinished: z.number() });

/** The isolation log in the database. Each call is a transaction. */
export function createIsolationLog(pool: Pool): IsolationLog {
  const run = async (text: string, values: readonly unknown[]): Promise<readonly unknown[]> => {
    try {
      return (await pool.query<Record<string, unknown>>(text, [...values])).rows;
    } catch (error) {
      throw writeError(error, "writing the isolation log");
    }
  };
  return {
    async unfinished(positions) {
      const rows = await run(countText, [
        positions.map(({ stream }) => stream),
        positions.map(({ sequence }) => sequence),
      ]);
      return rows.map((row) => countRow.parse(row).unfinished);
    },
    begin: async (position) => void (await run(beginText, placeOf(position))),
    end: async (position) => void (await run(endText, placeOf(position))),
  };
}

function placeOf({ stream, sequence }: StreamPosition): readonly [string, number] {
  return [stream, sequence];
}
