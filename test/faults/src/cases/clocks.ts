import { eventually } from "@takings/local";
import type { Case, Stage } from "../case.ts";
import { aWhile } from "./steps.ts";

/** How far the database's clock is off, in seconds, one after the other. */
const shifts = [20, 19.5, -0.5, 30, -3_600, 0];

type Told = { readonly asOf: string; readonly totals: string };

async function ask({ rig }: Stage, asOf?: string): Promise<Told> {
  const pinned = asOf === undefined ? {} : { as_recorded_at: asOf };
  const answer = await rig.reader.revenue({ account: "*", ...pinned });
  return { asOf: answer.as_of, totals: JSON.stringify(answer.totals) };
}

/** Sets the clock back and ahead under traffic; whatever was told must be told again, and the books must agree. */
async function shiftClock(stage: Stage): Promise<void> {
  const { rig, violate } = stage;
  const told: Told[] = [];
  for (const seconds of shifts) {
    await rig.sql(
      `create or replace function takings.clock() returns timestamptz language sql volatile
         return clock_timestamp() + interval '${seconds} seconds'`,
    );
    for (const _ of [1, 2, 3]) {
      // While the clock jumps, a recording may seem to have been in progress for long.
      told.push(await eventually("an answer", () => ask(stage)));
      await aWhile(stage, 50, 300);
    }
  }
  for (const { asOf, totals } of told) {
    const again = await ask(stage, asOf).then(({ totals: now }) => now, String);
    if (again === totals) continue;
    violate("ONCE", `as of ${asOf} ${totals} was told, and now ${again} is`);
    return;
  }
}

/** The clock of the database is wrong. */
export const clockCases: readonly Case[] = [
  {
    name: "clock of the database set back and ahead",
    faults: [48],
    what: "by half a second, by half a minute, by an hour: what was told is told again, and `takings verify` agrees",
    rig: { consumers: 2 },
    cycles: 1,
    async cycle(stage) {
      await shiftClock(stage);
      await stage.rig.takings("verify").catch((error: unknown) => stage.violate("ONCE", String(error)));
    },
  },
];

/** The same with recordings that take the clock for true. */
export const clockControl: Case = {
  name: "takes the clock for true",
  faults: [48],
  what: "recordings bear the time of the clock; the clock is set back and ahead",
  rig: {},
  mustViolate: "ONCE",
  cycles: 1,
  async cycle(stage) {
    await stage.rig.sql(
      `create or replace function takings.begin_recording() returns timestamptz
       language plpgsql volatile security definer as $$
       declare
         at timestamptz := takings.clock();
       begin
         perform pg_advisory_xact_lock_shared((x'7a6'::bigint << 52) | (extract(epoch from at) * 1000000)::bigint);
         insert into takings.recordings values (at);
         return at;
       end $$`,
    );
    await shiftClock(stage);
  },
};
