import { stream } from "@takings/wire";
import { eventually } from "@takings/testkit";
import type { FaultCase } from "../fault-case.ts";
import { sendForgeries } from "./abuse.ts";
import { changedStreamBrokenBuild } from "./changed-stream.ts";
import { cutPower, onOneDisk } from "./disks.ts";
import { duplicateBrokenBuilds } from "./duplicates.ts";
import { burstWhileNatsHangs } from "./overload.ts";
import {
  deliver,
  freeze,
  freezeFirstWriter,
  killAt,
  nextWithoutPayment,
  replicaOf,
  sleep,
  sleepRandomly,
} from "./steps.ts";

const shortRecovery = { recoversWithinMs: 10_000 };
const unbounded = { MAX_IN_FLIGHT_BYTES: "1000000000", MAX_IN_FLIGHT_REQUESTS: "100000" };

/** Builds and settings that violate an invariant. Each case passes only when the run detects the violation. */
export const brokenBuildCases: readonly FaultCase[] = [
  {
    title: "acknowledges before COMMIT",
    numbers: [29],
    fault: "a consumer that acknowledges on receipt; killed before COMMIT",
    harness: { broken: { consumer: "acks-before-commit" } },
    expectedViolation: "LOSS",
    cycles: 3,
    ...shortRecovery,
    async cycle(context) {
      const consumer = replicaOf(context.harness.consumers, context);
      await killAt(context, consumer.process, consumer.postgres, {
        direction: "up",
        bytes: "commit\0",
        action: "drop",
      });
    },
  },
  changedStreamBrokenBuild,
  {
    title: "responds before the PubAck",
    numbers: [2],
    fault:
      "an ingress that publishes without waiting; NATS is frozen, so that it reads nothing, and then killed",
    harness: { broken: { ingress: "answers-before-puback" } },
    expectedViolation: "LOSS",
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
    title: "ignores publish errors",
    numbers: [20],
    fault: "an ingress that responds 200 whatever the stream replies; the stream is full",
    harness: { broken: { ingress: "ignores-publish-errors" } },
    expectedViolation: "LOSS",
    ...shortRecovery,
    async cycle({ harness }) {
      const { state } = await harness.broker.api(`STREAM.INFO.${stream.name}`);
      await harness.broker.configureStream({ max_bytes: (state as { bytes: number }).bytes + 2_000 });
      await sleep(2_000);
      await harness.broker.configureStream();
    },
  },
  {
    title: "NATS with its default sync_interval",
    numbers: [13],
    fault: "no check that the server syncs before it confirms; power cut",
    harness: (workspace) =>
      onOneDisk(workspace, {
        natsRewrite: (config) => config.replace("sync_interval: always", ""),
        env: { ingress: { DURABILITY_CHECK: "off" } },
      }),
    expectedViolation: "LOSS",
    cycles: 2,
    ...shortRecovery,
    async cycle(context) {
      // Without consumers, what is lost from the stream is lost permanently.
      for (const { process } of context.harness.consumers) await process.end("SIGTERM");
      await cutPower(context);
    },
  },
  ...duplicateBrokenBuilds,
  {
    title: "purges unread messages",
    numbers: [20],
    fault: "a job that purges the stream without checking what is committed",
    harness: {},
    expectedViolation: "LOSS",
    ...shortRecovery,
    async cycle(context) {
      const { process } = replicaOf(context.harness.consumers, context);
      process.hold();
      await process.end("SIGKILL");
      await sleepRandomly(context, 500, 800);
      await context.harness.broker.api(`STREAM.PURGE.${stream.name}`);
      process.release();
    },
  },
  {
    title: "counts redelivered events",
    numbers: [31],
    fault:
      "a ledger whose totals grow by what a batch contains instead of what it changed; everything is redelivered",
    harness: { broken: { consumer: "counts-redeliveries" } },
    expectedViolation: "ONCE",
    ...shortRecovery,
    async cycle(context) {
      await sleepRandomly(context, 1_000, 1_200);
      await context.harness.broker.api(`CONSUMER.DELETE.${stream.name}.revenue`);
      await context.harness.broker.shortenAckWait();
    },
  },
  {
    title: "checks before inserting instead of by a key",
    numbers: [42],
    fault:
      "duplicates are looked up first and there is no unique key; one of two consumers is frozen before COMMIT",
    harness: { consumers: 2, broken: { consumer: "checks-then-inserts" } },
    expectedViolation: "ONCE",
    quiet: true,
    ...shortRecovery,
    async cycle(context) {
      const { broker, consumers, sql } = context.harness;
      await sql("alter table takings.events drop constraint if exists events_pkey cascade");
      await broker.configureStream({ duplicate_window: 100 * 1e6 });
      // Writers of the same payment wait for each other, and would find the duplicates.
      const events = Array.from({ length: 20 }, () => nextWithoutPayment(context));
      // Traffic repeats events.
      const ids = new Set(events.map(({ id }) => id));
      const sendAll = (): Promise<unknown> => Promise.all(events.map((event) => deliver(context, event)));
      const [process] = await Promise.all([freezeFirstWriter(consumers), sendAll()]);
      await eventually("the other consumer to have written the same events", async () => {
        await sendAll();
        const [stored] = await sql("select count(distinct event_id)::integer as events from takings.events");
        return stored?.["events"] === ids.size;
      });
      process.signal("SIGCONT");
    },
  },
  {
    title: "reserializes bodies",
    numbers: [50],
    fault: "an ingress that stores the parsed and reserialized body",
    harness: { broken: { ingress: "reserializes-bodies" } },
    expectedViolation: "FORGE",
    cycle: (context) => sleepRandomly(context, 500, 800),
  },
  {
    title: "ignores the signature check",
    numbers: [49],
    fault: "an ingress that verifies and ignores the result; forged webhooks",
    harness: { broken: { ingress: "ignores-signature-check" } },
    expectedViolation: "PHANTOM",
    cycle: sendForgeries,
  },
  {
    title: "stops after a disconnect",
    numbers: [9],
    fault: "a consumer that stops pulling once it lost the connection to NATS",
    harness: { broken: { consumer: "stops-after-disconnect" } },
    expectedViolation: "LIVE",
    ...shortRecovery,
    async cycle(context) {
      await context.harness.servers.nats.end("SIGKILL");
      await context.harness.servers.nats.ready();
    },
  },
  {
    title: "no admission limits",
    numbers: [6],
    fault: "an ingress without admission limits; a burst of large bodies while NATS hangs",
    harness: { broken: { ingress: "no-admission-limits" }, env: { ingress: unbounded } },
    expectedViolation: "BOUND",
    quiet: true,
    alone: true,
    answersWithinMs: "never",
    cycle: burstWhileNatsHangs,
  },
  {
    title: "no deadlines",
    numbers: [15],
    fault: "an ingress without deadlines; NATS hangs",
    harness: { broken: { ingress: "no-deadlines" } },
    expectedViolation: "FAST",
    cycle: (context) => freeze(context.harness.servers.nats, 13_000),
  },
];
