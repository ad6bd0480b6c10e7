import type { Moment } from "@takings/domain";
import { z } from "zod";
import { checkMeter } from "./check-meter.ts";
import { openClient } from "./open-client.ts";
import { createPayloadCodec } from "./payload-codec.ts";
import { beginRecount, type Discrepancy, type Recount } from "./recount.ts";
import { type KeptEvent, keptEvents } from "./stored-events.ts";

/** One snapshot of the whole store, to be counted again. */
export type Verification = {
  readonly asOf: Moment;
  events(): AsyncGenerator<readonly KeptEvent[]>;
  readonly recount: Recount;
  checkMeter(): Promise<readonly Discrepancy[]>;
};

/**
 * Runs `work` on one snapshot of the store. A reader's rights will do for looking; only `recount.correct` writes.
 * @throws OvertakenError when a correction meets an entry that changed meanwhile: nothing was corrected then.
 */
export async function withVerification<T>(
  url: string,
  work: (verification: Verification) => Promise<T>,
): Promise<T> {
  const client = await openClient(url, { name: "verify", settings: { work_mem: "65536" } });
  try {
    const { rows } = await client.query("select takings.latest_moment()::text as moment");
    const asOf = z.object({ moment: z.string() }).parse(rows[0]).moment;
    // Begun after the moment was told, so that it sees all that was recorded until then.
    await client.query("begin isolation level repeatable read");
    const result = await work({
      asOf,
      events: () => keptEvents(client, createPayloadCodec(), asOf),
      recount: await beginRecount(client),
      checkMeter: () => checkMeter(client),
    });
    await client.query("commit");
    return result;
  } finally {
    await client.end();
  }
}
