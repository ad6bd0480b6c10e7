import type { Moment } from "@takings/domain";
import type { ClientBase } from "pg";
import { z } from "zod";

const row = z.object({ moment: z.string() });

/** The moment that everything recorded in the client's open transaction bears; readers wait for its commit. */
export async function beginRecording(client: ClientBase): Promise<Moment> {
  const { rows } = await client.query("select takings.begin_recording()::text as moment");
  return row.parse(rows[0]).moment;
}
