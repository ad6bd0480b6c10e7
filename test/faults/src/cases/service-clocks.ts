import { readFileSync } from "node:fs";
import { join } from "node:path";
import { eventually, type ShiftedClock, shiftedClock, withVariables } from "@takings/testkit";
import { isAccepted } from "@takings/simulator";
import type { CaseWorkspace, FaultCase, CaseContext } from "../fault-case.ts";
import type { HarnessOptions } from "../harness.ts";
import { type MetricValues, readMetrics } from "../metrics.ts";
import type { Ingress } from "../services.ts";
import { awaitTotals, compareResponses, type RecordedResponse } from "../recorded-responses.ts";
import { deliver, sleepRandomly, verify } from "./steps.ts";

/** The clock of one process of the case; it is right until it is shifted. */
function clockOf({ dir }: { readonly dir: string }, name: string): ShiftedClock {
  return shiftedClock(join(dir, `${name}.clock`));
}

/** Gives these processes clocks that can be shifted while they run. */
function withClocks(workspace: CaseWorkspace, ...names: readonly string[]): HarnessOptions {
  const wrapped = names.map((name) => [name, withVariables(clockOf(workspace, name).env)] as const);
  return { wrappers: Object.fromEntries(wrapped) };
}

const firstOf = <T>([first]: readonly T[]): T => {
  if (first === undefined) throw new Error("this case needs a replica");
  return first;
};

/** Beyond the 300 s for which a signature is valid, in both directions. */
const beyondTolerance = [600, -600];
const eventsPerOffset = 5;

/** Everything is refused, counted and visible as a wrong clock; Stripe's retries are accepted once the clock is right. */
async function refuseByClock(context: CaseContext): Promise<void> {
  const { harness, sender, reportViolation } = context;
  const clock = clockOf(harness, "ingress-0");
  const ingress = firstOf(harness.ingresses);
  const events = Array.from({ length: eventsPerOffset }, () => sender.next());
  for (const seconds of beyondTolerance) {
    const before = await readMetrics(ingress.adminUrl);
    clock.shift(seconds);
    for (const event of events) {
      const { status } = await sender.attempt(event);
      if (status !== 400) reportViolation("PHANTOM", `answered ${status} with the clock off by ${seconds} s`);
    }
    const after = await readMetrics(ingress.adminUrl);
    for (const series of [
      'takings_webhook_requests_total{outcome="bad_timestamp",source="default"}',
      'takings_signature_skew_seconds_bucket{le="+Inf",source="default"}',
    ]) {
      const counted = increase(before, after, series);
      if (counted !== eventsPerOffset)
        reportViolation("LIVE", `${series} counted ${counted} of ${eventsPerOffset}`);
    }
    const ofValid = increase(
      before,
      after,
      'takings_signature_skew_seconds_bucket{le="300",source="default"}',
    );
    if (ofValid !== 0) reportViolation("LIVE", `${ofValid} refused signatures are counted as valid`);
  }
  clock.shift(0);
  context.healed();
  for (const event of events) await deliver(context, event);
}

function increase(before: MetricValues, after: MetricValues, series: string): number {
  return (after.get(series) ?? 0) - (before.get(series) ?? 0);
}

/** Within the tolerance, so that no signature is refused. */
const withinTolerance = [240, -240, 0];
/** A stall of the machine is shorter; only a step of the clock makes a check so old. */
const impossibleAgeSeconds = 60;

/** Steps ingress' clock under traffic; nothing that it measures may depend on it. */
async function stepIngress(context: CaseContext): Promise<void> {
  const { harness } = context;
  const clock = clockOf(harness, "ingress-0");
  for (const seconds of withinTolerance) {
    clock.shift(seconds);
    await sleepRandomly(context, 150, 300);
  }
  reportFalseAges(context, firstOf(harness.ingresses));
}

/** Durations that ingress measured with the wall clock show in its log as ages that are impossible. */
function reportFalseAges({ reportViolation }: CaseContext, { process }: Ingress): void {
  const ages = readFileSync(process.logFile, "utf8").matchAll(/last checked (-?\d+) s ago/g);
  const falseAges = [...ages].map(([, age]) => Number(age)).filter((age) => age > impossibleAgeSeconds);
  if (falseAges.length > 0)
    reportViolation("LIVE", `${falseAges.length} events refused because of a check ${falseAges[0]} s ago`);
}

/** Offsets in seconds of the clocks of consumer, revenue-query and PostgreSQL, from one moment to the next. */
const steps: readonly (readonly [consumer: number, query: number, postgres: number])[] = [
  [3_600, -3_600, 20],
  [-3_600, 3_600, 19.5],
  [0, 0, -0.5],
  [3_600, 0, -3_600],
  [-3_600, -3_600, 3_600],
  [0, 0, 0],
];

/** Steps all clocks under traffic; pinned responses must not change, and no measurement may be negative. */
async function stepAll(context: CaseContext): Promise<void> {
  const { harness, history, reportViolation } = context;
  const [consumer, query, postgres] = ["consumer-0", "revenue-query", "postgres"].map((name) =>
    clockOf(harness, name),
  );
  await verifyShifts(context);
  const began = history.read().length;
  const responses: RecordedResponse[] = [];
  for (const [ofConsumer, ofQuery, ofPostgres] of steps) {
    consumer?.shift(ofConsumer);
    query?.shift(ofQuery);
    postgres?.shift(ofPostgres);
    await stepIngress(context);
    responses.push(await awaitTotals(context));
    for (const { adminUrl } of [firstOf(harness.consumers), harness.query])
      for (const problem of absurdValues(await readMetrics(adminUrl))) reportViolation("LIVE", problem);
  }
  reportRefusals(context, began);
  await compareResponses(context, responses);
  await verify(context);
}

/** Every event of this case is genuine, and no signature is further off than the tolerance. */
function reportRefusals({ history, reportViolation }: CaseContext, from: number): void {
  const lines = history.read().slice(from);
  const refused = lines.filter((line) => line.what === "answered" && line.status === 400);
  if (refused.length > 0) reportViolation("LIVE", `${refused.length} genuine events were refused with 400`);
}

/** Ahead by less than the tolerance, and by more than any request takes. */
const visibleShiftSeconds = 120;

/** Shifts each clock and waits until its process shows it: without that, the case would pass with right clocks. */
async function verifyShifts({ harness }: CaseContext): Promise<void> {
  const { ingresses, consumers, query, sql } = harness;
  const services = [firstOf(ingresses), firstOf(consumers), query].map(({ process, adminUrl }) => ({
    name: process.name,
    now: () => serverTime(adminUrl),
  }));
  const postgres = {
    name: "postgres",
    now: async () =>
      Number((await sql("select extract(epoch from clock_timestamp()) * 1000 as now"))[0]?.["now"]),
  };
  for (const { name, now } of [...services, postgres]) {
    const clock = clockOf(harness, name);
    clock.shift(visibleShiftSeconds);
    await eventually(`the clock of ${name} to be shifted`, async () => {
      const aheadSeconds = ((await now()) - Date.now()) / 1_000;
      return Math.abs(aheadSeconds - visibleShiftSeconds) < visibleShiftSeconds / 2;
    });
    clock.shift(0);
  }
}

/** The time by the clock of a service, as its responses give it. */
async function serverTime(adminUrl: string): Promise<number> {
  const { headers } = await fetch(`${adminUrl}/livez`, { headers: { connection: "close" } });
  return Date.parse(headers.get("date") ?? "");
}

/** Durations, ages and delays cannot be negative; a wrong clock may only make them wrong. */
function absurdValues(metrics: MetricValues): string[] {
  return [...metrics].flatMap(([series, value]) =>
    series.startsWith("takings_") && /seconds(_sum)?(\{|$)/.test(series) && value < 0
      ? [`${series} is ${value}`]
      : [],
  );
}

const allClocks = ["ingress-0", "consumer-0", "revenue-query", "postgres"];

/** The clocks of the processes themselves are wrong, by libfaketime. */
export const serviceClockCases: readonly FaultCase[] = [
  {
    title: "ingress clock ten minutes off",
    numbers: [48],
    fault: "the clock of ingress is ten minutes ahead, then ten minutes behind",
    expectation:
      "every event is refused with 400, counted and shown as skew, and accepted once the clock is right",
    harness: async (workspace) => withClocks(workspace, "ingress-0"),
    quiet: true,
    cycle: refuseByClock,
  },
  {
    title: "clocks of all processes set back and ahead",
    numbers: [48],
    fault:
      "the clocks of ingress (4 minutes), consumer and revenue-query (an hour) and the server clock of PostgreSQL (half a second to an hour) step under load",
    expectation:
      "no event is refused, no check counts as old, no metric is negative, pinned responses do not change, and `takings verify` finds no difference",
    harness: async (workspace) => ({ ...withClocks(workspace, ...allClocks), consumers: 2 }),
    cycle: stepAll,
  },
  {
    title: "clock of the sender four minutes off",
    numbers: [48],
    fault: "signatures that are four minutes old, and that are four minutes ahead",
    expectation: "each event is accepted",
    async cycle(context) {
      const { sender, reportViolation } = context;
      const now = Math.floor(Date.now() / 1_000);
      for (const seconds of withinTolerance) {
        const response = await sender.attempt(sender.next(), { signedAt: now + seconds });
        // 503 for overload says nothing about the clock.
        if (!isAccepted(response) && response.status !== 503)
          reportViolation("LIVE", `answered ${response.status} to a signature of ${seconds} s`);
      }
    },
  },
];

/** The same with an ingress that measures durations with the wall clock. */
export const serviceClockBrokenBuild: FaultCase = {
  title: "measures durations with the wall clock",
  numbers: [48],
  fault: "an ingress whose `performance.now()` is the wall clock; the clock steps by four minutes",
  harness: async (workspace) => ({
    ...withClocks(workspace, "ingress-0"),
    broken: { ingress: "wall-clock-durations" },
  }),
  expectedViolation: "LIVE",
  cycle: stepIngress,
};
