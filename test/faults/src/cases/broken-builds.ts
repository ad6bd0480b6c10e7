import { stream } from "@takings/wire";
import { eventually } from "@takings/local";
import { isAccepted } from "@takings/simulator";
import type { FaultCase, CaseContext } from "../fault-case.ts";
import { abuseCases } from "./abuse.ts";
import { changedStreamBrokenBuild } from "./changed-stream.ts";
import { cutPower, onOneDisk } from "./disks.ts";
import { duplicateBrokenBuilds } from "./duplicates.ts";
import { overloadCases } from "./overload.ts";
import { sleepRandomly, freeze, freezeFirstWriter, killAt, sleep, nextWithoutPayment } from "./steps.ts";

const shortRecovery = { recoversWithinMs: 10_000 };
const unbounded = { MAX_IN_FLIGHT_BYTES: "1000000000", MAX_IN_FLIGHT_REQUESTS: "100000" };

/** Builds and settings that break the promise on purpose. Each passes only when the drill finds what it breaks. */
export const brokenBuildCases: readonly FaultCase[] = [
  {
    name: "acks before COMMIT",
    faults: [29],
    what: "a consumer that acknowledges what it takes; killed before COMMIT",
    harness: { broken: { consumer: "acks-before-commit" } },
    expectedViolation: "LOSS",
    cycles: 3,
    ...shortRecovery,
    async cycle(context) {
      const [consumer] = context.harness.consumers;
      if (consumer === undefined) return;
      await killAt(context, consumer.process, consumer.postgres, {
        direction: "up",
        bytes: "commit\0",
        action: "drop",
      });
    },
  },
  changedStreamBrokenBuild,
  {
    name: "answers before the PubAck",
    faults: [2],
    what: "an ingress that publishes and does not wait; NATS frozen, so that it takes nothing in, and then killed",
    harness: { broken: { ingress: "answers-before-puback" } },
    expectedViolation: "LOSS",
    cycles: 1,
    ...shortRecovery,
    async cycle(context) {
      const { nats } = context.harness.servers;
      await sleepRandomly(context, 200, 500);
      nats.hold();
      nats.signal("SIGSTOP");
      await sleep(500);
      await nats.end("SIGKILL");
      nats.release();
      await nats.ready();
    },
  },
  {
    name: "ignores publish errors",
    faults: [20],
    what: "an ingress that answers 200 whatever the stream says; the stream is full",
    harness: { broken: { ingress: "ignores-publish-errors" } },
    expectedViolation: "LOSS",
    cycles: 1,
    ...shortRecovery,
    async cycle({ harness }) {
      const { state } = await harness.broker.api(`STREAM.INFO.${stream.name}`);
      await harness.broker.configureStream({ max_bytes: (state as { bytes: number }).bytes + 2_000 });
      await sleep(2_000);
      await harness.broker.configureStream();
    },
  },
  {
    name: "NATS with its default sync_interval",
    faults: [13],
    what: "nothing checks that the server syncs before it confirms; the power is cut",
    harness: (workspace) =>
      onOneDisk(workspace, {
        natsRewrite: (config) => config.replace("sync_interval: always", ""),
        env: { ingress: { DURABILITY_CHECK: "off" } },
      }),
    expectedViolation: "LOSS",
    cycles: 2,
    ...shortRecovery,
    async cycle(context) {
      // With nobody to read them, what is lost of the stream is lost for good.
      for (const { process } of context.harness.consumers) await process.end("SIGTERM");
      await cutPower(context);
    },
  },
  ...duplicateBrokenBuilds,
  {
    name: "purges unread messages",
    faults: [20],
    what: "a job that purges the stream without asking how far the ledger is",
    harness: {},
    expectedViolation: "LOSS",
    cycles: 1,
    ...shortRecovery,
    async cycle(context) {
      const [consumer] = context.harness.consumers;
      consumer?.process.hold();
      await consumer?.process.end("SIGKILL");
      await sleepRandomly(context, 500, 800);
      await context.harness.broker.api(`STREAM.PURGE.${stream.name}`);
      consumer?.process.release();
    },
  },
  {
    name: "counts redelivered events",
    faults: [31],
    what: "a ledger whose totals grow by what a batch says, not by what it changed; everything is delivered twice",
    harness: { broken: { consumer: "counts-redeliveries" } },
    expectedViolation: "ONCE",
    cycles: 1,
    ...shortRecovery,
    async cycle(context) {
      await sleepRandomly(context, 1_000, 1_200);
      await context.harness.broker.api(`CONSUMER.DELETE.${stream.name}.revenue`);
      await context.harness.broker.shortenAckWait();
    },
  },
  {
    name: "checks, then inserts",
    faults: [42],
    what: "duplicates are looked for first, and no key stands in their way; one of two consumers is frozen before COMMIT",
    harness: { consumers: 2, broken: { consumer: "checks-then-inserts" } },
    expectedViolation: "ONCE",
    cycles: 1,
    quiet: true,
    ...shortRecovery,
    async cycle(context) {
      const { broker, consumers, sql } = context.harness;
      await sql("alter table takings.events drop constraint if exists events_pkey cascade");
      await broker.configureStream({ duplicate_window: 100 * 1e6 });
      // Who writes events of a payment waits for the other who does, and would see what it looks for.
      const events = Array.from({ length: 20 }, () => nextWithoutPayment(context));
      // What is sent next may be what was sent before.
      const ids = new Set(events.map(({ id }) => id));
      const sendAll = (): Promise<unknown> => Promise.all(events.map((event) => sendOnce(context, event)));
      const [process] = await Promise.all([freezeFirstWriter(consumers), sendAll()]);
      await eventually("the other consumer to have looked in vain and written the same", async () => {
        await sendAll();
        const [stored] = await sql("select count(distinct event_id)::integer as events from takings.events");
        return stored?.["events"] === ids.size;
      });
      process.signal("SIGCONT");
    },
  },
  {
    name: "re-serializes bodies",
    faults: [50],
    what: "an ingress that stores what a JSON parser makes of a body",
    harness: { broken: { ingress: "reserializes-bodies" } },
    expectedViolation: "FORGE",
    cycles: 1,
    cycle: (context) => sleepRandomly(context, 500, 800),
  },
  {
    name: "ignores the signature check",
    faults: [49],
    what: "an ingress that verifies and does not look at the outcome",
    harness: { broken: { ingress: "ignores-signature-check" } },
    expectedViolation: "PHANTOM",
    cycles: 1,
    cycle: async (context) => abuseCases.find(({ name }) => name === "forgeries")?.cycle(context),
  },
  {
    name: "stops after a disconnect",
    faults: [9],
    what: "a consumer that takes nothing any more once NATS was away",
    harness: { broken: { consumer: "stops-after-disconnect" } },
    expectedViolation: "LIVE",
    cycles: 1,
    ...shortRecovery,
    async cycle(context) {
      await context.harness.servers.nats.end("SIGKILL");
      await context.harness.servers.nats.ready();
    },
  },
  {
    name: "no admission limits",
    faults: [6],
    what: "an ingress that takes in whatever comes; a burst of large bodies while NATS hangs",
    harness: { broken: { ingress: "no-admission-limits" }, env: { ingress: unbounded } },
    expectedViolation: "BOUND",
    cycles: 1,
    quiet: true,
    answersWithinMs: "never",
    cycle: async (context) =>
      overloadCases.find(({ name }) => name.startsWith("burst of large bodies"))?.cycle(context),
  },
  {
    name: "no deadlines",
    faults: [15],
    what: "an ingress without deadlines; NATS hangs",
    harness: { broken: { ingress: "no-deadlines" } },
    expectedViolation: "FAST",
    cycles: 1,
    cycle: (context) => freeze(context.harness.servers.nats, 13_000),
  },
];

async function sendOnce({ sender }: CaseContext, event: Parameters<typeof sender.attempt>[0]): Promise<void> {
  await eventually("a 2xx", async () => isAccepted(await sender.attempt(event)));
}
