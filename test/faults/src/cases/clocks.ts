import type { FaultCase, CaseContext } from "../fault-case.ts";
import { awaitTotals, compareResponses, type RecordedResponse } from "../recorded-responses.ts";
import { sleepRandomly, verify } from "./steps.ts";

/** Offsets of the database's clock in seconds, one after the other. */
const shifts = [20, 19.5, -0.5, 30, -3_600, 0];

/** Sets the clock back and ahead under traffic; pinned responses must not change. */
async function shiftClock(context: CaseContext): Promise<void> {
  const { harness } = context;
  const responses: RecordedResponse[] = [];
  for (const seconds of shifts) {
    await harness.sql(
      `create or replace function takings.clock() returns timestamptz language sql volatile
         return clock_timestamp() + interval '${seconds} seconds'`,
    );
    for (const _ of [1, 2, 3]) {
      responses.push(await awaitTotals(context));
      await sleepRandomly(context, 50, 300);
    }
  }
  await compareResponses(context, responses);
}

/** The clock of the database is wrong. */
export const clockCases: readonly FaultCase[] = [
  {
    title: "database clock set back and ahead",
    numbers: [48],
    fault: "the clock of PostgreSQL is off by half a second, half a minute or an hour",
    expectation: "pinned responses do not change, and `takings verify` finds no difference",
    harness: { consumers: 2 },
    async cycle(context) {
      await shiftClock(context);
      await verify(context);
    },
  },
];

/** The same with recordings that trust the clock. */
export const clockBrokenBuild: FaultCase = {
  title: "trusts the database clock",
  numbers: [48],
  fault: "recordings take the time of the clock; the clock is set back and ahead",
  harness: {},
  expectedViolation: "ONCE",
  async cycle(context) {
    await context.harness.sql(
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
    await shiftClock(context);
  },
};
