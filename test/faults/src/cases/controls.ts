import { stream } from "@takings/wire";
import { eventually } from "@takings/local";
import type { Case, Stage } from "../case.ts";
import { abuseCases } from "./abuse.ts";
import { changedStreamControl } from "./changed-stream.ts";
import { cutPower, onOneDisk } from "./disks.ts";
import { duplicateControls } from "./duplicates.ts";
import { isAccepted } from "./nats.ts";
import { overloadCases } from "./overload.ts";
import { aWhile, freeze, freezeFirstWriter, killAt, lasting, nextWithoutPayment } from "./steps.ts";

const patience = { recoversWithinMs: 10_000 };
const unbounded = { MAX_IN_FLIGHT_BYTES: "1000000000", MAX_IN_FLIGHT_REQUESTS: "100000" };

/** Builds and settings that break the promise on purpose. Each passes only when the drill finds what it breaks. */
export const controls: readonly Case[] = [
  {
    name: "acknowledges before it commits",
    faults: [29],
    what: "a consumer that acknowledges what it takes; killed before COMMIT",
    rig: { broken: { consumer: "acknowledges-first" } },
    mustViolate: "LOSS",
    cycles: 3,
    ...patience,
    async cycle(stage) {
      const [consumer] = stage.rig.consumers;
      if (consumer === undefined) return;
      await killAt(stage, consumer.part, consumer.postgres, {
        direction: "up",
        bytes: "commit\0",
        fate: "lose",
      });
    },
  },
  changedStreamControl,
  {
    name: "answers before the confirmation",
    faults: [2],
    what: "an ingress that publishes and does not wait; NATS frozen, so that it takes nothing in, and then killed",
    rig: { broken: { ingress: "answers-before-confirmation" } },
    mustViolate: "LOSS",
    cycles: 1,
    ...patience,
    async cycle(stage) {
      const { nats } = stage.rig.servers;
      await aWhile(stage, 200, 500);
      nats.hold();
      nats.signal("SIGSTOP");
      await lasting(500);
      await nats.end("SIGKILL");
      nats.release();
      await nats.ready();
    },
  },
  {
    name: "takes doubt for success",
    faults: [20],
    what: "an ingress that answers 200 whatever the stream says; the stream is full",
    rig: { broken: { ingress: "takes-doubt-for-success" } },
    mustViolate: "LOSS",
    cycles: 1,
    ...patience,
    async cycle({ rig }) {
      const { state } = await rig.broker.api(`STREAM.INFO.${stream.name}`);
      await rig.broker.configureStream({ max_bytes: (state as { bytes: number }).bytes + 2_000 });
      await lasting(2_000);
      await rig.broker.configureStream();
    },
  },
  {
    name: "NATS with its default sync",
    faults: [13],
    what: "nothing checks that the server syncs before it confirms; the power is cut",
    rig: (place) =>
      onOneDisk(place, {
        natsRewrite: (config) => config.replace("sync_interval: always", ""),
        env: { ingress: { DURABILITY_CHECK: "off" } },
      }),
    mustViolate: "LOSS",
    cycles: 2,
    ...patience,
    async cycle(stage) {
      // With nobody to read them, what is lost of the stream is lost for good.
      for (const { part } of stage.rig.consumers) await part.end("SIGTERM");
      await cutPower(stage);
    },
  },
  ...duplicateControls,
  {
    name: "purges what is unread",
    faults: [20],
    what: "a job that purges the stream without asking how far the ledger is",
    rig: {},
    mustViolate: "LOSS",
    cycles: 1,
    ...patience,
    async cycle(stage) {
      const [consumer] = stage.rig.consumers;
      consumer?.part.hold();
      await consumer?.part.end("SIGKILL");
      await aWhile(stage, 500, 800);
      await stage.rig.broker.api(`STREAM.PURGE.${stream.name}`);
      consumer?.part.release();
    },
  },
  {
    name: "counts the whole batch",
    faults: [31],
    what: "a ledger whose totals grow by what a batch says, not by what it changed; everything is delivered twice",
    rig: { broken: { consumer: "counts-whole-batch" } },
    mustViolate: "ONCE",
    cycles: 1,
    ...patience,
    async cycle(stage) {
      await aWhile(stage, 1_000, 1_200);
      await stage.rig.broker.api(`CONSUMER.DELETE.${stream.name}.revenue`);
      await stage.rig.broker.shortenAckWait();
    },
  },
  {
    name: "looks before it writes",
    faults: [42],
    what: "duplicates are looked for first, and no key stands in their way; one of two consumers is frozen before COMMIT",
    rig: { consumers: 2, broken: { consumer: "looks-before-it-writes" } },
    mustViolate: "ONCE",
    cycles: 1,
    quiet: true,
    ...patience,
    async cycle(stage) {
      const { broker, consumers, sql } = stage.rig;
      await sql("alter table takings.events drop constraint if exists events_pkey cascade");
      await broker.configureStream({ duplicate_window: 100 * 1e6 });
      // Who writes events of a payment waits for the other who does, and would see what it looks for.
      const events = Array.from({ length: 20 }, () => nextWithoutPayment(stage));
      // What is sent next may be what was sent before.
      const ids = new Set(events.map(({ id }) => id));
      const sendAll = (): Promise<unknown> => Promise.all(events.map((event) => sendOnce(stage, event)));
      const [part] = await Promise.all([freezeFirstWriter(consumers), sendAll()]);
      await eventually("the other consumer to have looked in vain and written the same", async () => {
        await sendAll();
        const [stored] = await sql("select count(distinct event_id)::integer as events from takings.events");
        return stored?.["events"] === ids.size;
      });
      part.signal("SIGCONT");
    },
  },
  {
    name: "rewrites bodies",
    faults: [50],
    what: "an ingress that stores what a JSON parser makes of a body",
    rig: { broken: { ingress: "rewrites-bodies" } },
    mustViolate: "FORGE",
    cycles: 1,
    cycle: (stage) => aWhile(stage, 500, 800),
  },
  {
    name: "believes any signature",
    faults: [49],
    what: "an ingress that verifies and does not look at the outcome",
    rig: { broken: { ingress: "believes-any-signature" } },
    mustViolate: "PHANTOM",
    cycles: 1,
    cycle: async (stage) => abuseCases.find(({ name }) => name === "forgeries")?.cycle(stage),
  },
  {
    name: "gives up on trouble",
    faults: [9],
    what: "a consumer that takes nothing any more once NATS was away",
    rig: { broken: { consumer: "gives-up-on-trouble" } },
    mustViolate: "LIVE",
    cycles: 1,
    ...patience,
    async cycle(stage) {
      await stage.rig.servers.nats.end("SIGKILL");
      await stage.rig.servers.nats.ready();
    },
  },
  {
    name: "admits everything",
    faults: [6],
    what: "an ingress that takes in whatever comes; a burst of large bodies while NATS hangs",
    rig: { broken: { ingress: "admits-everything" }, env: { ingress: unbounded } },
    mustViolate: "BOUND",
    cycles: 1,
    quiet: true,
    answersWithinMs: "never",
    cycle: async (stage) =>
      overloadCases.find(({ name }) => name.startsWith("burst of large bodies"))?.cycle(stage),
  },
  {
    name: "waits without end",
    faults: [15],
    what: "an ingress without deadlines; NATS hangs",
    rig: { broken: { ingress: "waits-without-end" } },
    mustViolate: "FAST",
    cycles: 1,
    cycle: (stage) => freeze(stage.rig.servers.nats, 13_000),
  },
];

async function sendOnce({ sender }: Stage, event: Parameters<typeof sender.attempt>[0]): Promise<void> {
  await eventually("a 2xx", async () => isAccepted(await sender.attempt(event)));
}
