import { readFileSync } from "node:fs";
import { stream } from "@takings/wire";
import { eventually } from "@takings/local";
import { isAccepted } from "@takings/simulator";
import type { FaultCase, CaseContext } from "../fault-case.ts";
import { confirmation } from "./ingress.ts";
import { onNextBytes, sleepRandomly, freeze, sleep } from "./steps.ts";

const promptMs = 5_000;

/** Whether the server of the case that has drifted is to start with its default sync. */
const drift = { isOn: false };

/** NATS hangs, is full, lacks the stream, or confirms what nobody hears. */
export const natsCases: readonly FaultCase[] = [
  {
    name: "NATS frozen",
    faults: [15],
    what: "SIGSTOP for 12 s: longer than a publish may take and than the pings allow",
    cycles: 1,
    async cycle(context) {
      await sleepRandomly(context, 100, 300);
      await freeze(context.harness.servers.nats, 12_000);
    },
  },
  {
    name: "one-way partition from NATS",
    faults: [16, 17],
    what: "for 3 s everything from ingress to NATS is swallowed, then for 3 s everything back",
    cycles: 1,
    async cycle({ harness, healed }) {
      for (const direction of ["up", "down"] as const) {
        for (const { nats } of harness.ingresses) nats.silence(direction);
        await sleep(3_000);
        for (const { nats } of harness.ingresses) nats.heal();
      }
      healed();
    },
  },
  {
    name: "confirmation lost, sent again later",
    faults: [18],
    what: "the repetition comes after the duplicate window: two messages on the stream, one row",
    cycles: 1,
    quiet: true,
    async cycle(context) {
      const { harness, sender } = context;
      await harness.broker.configureStream({ duplicate_window: 100 * 1e6 });
      const before = await harness.broker.messages();
      const event = sender.next();
      const [ingress] = harness.ingresses;
      if (ingress === undefined) return;
      const url = `http://127.0.0.1:${ingress.clients.port}`;
      const lost = onNextBytes(ingress.nats, "down", confirmation, () => "cut");
      const first = await sender.attempt(event, { url });
      await lost;
      await sleep(300);
      await eventually("the repetition to be stored", async () =>
        isAccepted(await sender.attempt(event, { url })),
      );
      const stored = (await harness.broker.messages()) - before;
      if (isAccepted(first)) context.reportViolation("LOSS", "2xx without a confirmation");
      if (stored < 2) throw new Error(`${stored} messages: the fault was not injected`);
      await harness.broker.configureStream();
    },
  },
  {
    name: "stream full",
    faults: [20],
    what: "the stream's size is reached: 503 at once, nothing old is removed, and room heals it",
    cycles: 1,
    answersWithinMs: promptMs,
    async cycle(context) {
      const { harness, sender } = context;
      const { state } = await harness.broker.api(`STREAM.INFO.${stream.name}`);
      const { bytes, first_seq: first } = state as { bytes: number; first_seq: number };
      await harness.broker.configureStream({ max_bytes: bytes + 20_000 });
      await eventually(
        "the stream to be full",
        async () => (await sender.attempt(sender.next())).status === 503,
      );
      const { state: full } = await harness.broker.api(`STREAM.INFO.${stream.name}`);
      if ((full as { first_seq: number }).first_seq > Math.max(first, 1))
        context.reportViolation("LOSS", "a full stream let go of events");
      await harness.broker.configureStream();
    },
  },
  {
    name: "stream missing, then replaced by another",
    faults: [21],
    what: "the stream is deleted, then another one takes its subjects: no 2xx until it is back",
    cycles: 1,
    quiet: true,
    answersWithinMs: promptMs,
    async cycle(context) {
      const { broker } = context.harness;
      await broker.api(`STREAM.DELETE.${stream.name}`);
      await refused(context, "without a stream");
      await broker.api("STREAM.CREATE.ELSEWHERE", {
        name: "ELSEWHERE",
        subjects: [stream.subjects],
        storage: "file",
      });
      await refused(context, "by another stream");
      await broker.api("STREAM.DELETE.ELSEWHERE");
      await broker.makeStream();
      await broker.shortenAckWait();
    },
  },
  {
    name: "server restarts with another sync_interval",
    faults: [14],
    what: "NATS starts again without `sync_interval: always`: ingress turns unready and answers 503 until that is repaired",
    harness: {
      natsRewrite: (config) => (drift.isOn ? config.replace("sync_interval: always", "") : config),
    },
    cycles: 1,
    quiet: true,
    async cycle(context) {
      const { ingresses, servers } = context.harness;
      const [ingress] = ingresses;
      drift.isOn = true;
      await servers.nats.end("SIGTERM");
      // From now on whoever confirms does not sync, from its very first moment.
      const insisting = Array.from({ length: 8 }, () => sendUntilUnready(context));
      await eventually("ingress to turn unready", async () => (await ingress?.process.isReady()) === false);
      await servers.nats.ready();
      await Promise.all(insisting);
      await refused(context, "by a server that does not sync");
      drift.isOn = false;
      await servers.nats.end("SIGTERM");
    },
  },
];

/** Sends until ingress has seen what its server is like; nothing may be accepted on the way there. */
async function sendUntilUnready({ sender, harness, reportViolation }: CaseContext): Promise<void> {
  const [ingress] = harness.ingresses;
  while (!readFileSync(ingress?.process.logFile ?? "", "utf8").includes("durability_broken")) {
    if (isAccepted(await sender.attempt(sender.next())))
      reportViolation("LOSS", "2xx by a server that does not sync");
  }
}

async function refused({ sender, harness, reportViolation }: CaseContext, where: string): Promise<void> {
  for (const url of harness.urls()) {
    const answer = await sender.attempt(sender.next(), { url });
    if (isAccepted(answer)) reportViolation("LOSS", `2xx ${where}`);
  }
}
