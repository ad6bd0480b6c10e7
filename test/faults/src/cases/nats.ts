import { readFileSync } from "node:fs";
import { stream } from "@takings/wire";
import { eventually } from "@takings/testkit";
import { isAccepted } from "@takings/simulator";
import type { FaultCase, CaseContext } from "../fault-case.ts";
import { pubAck } from "./ingress.ts";
import { freeze, onNextBytes, replicaOf, sleep, sleepRandomly } from "./steps.ts";

const promptMs = 5_000;

/** Whether the server of the running case starts with its default sync. */
const drift = { isOn: false };

/** NATS hangs, is full, lacks the stream, or confirms without being heard. */
export const natsCases: readonly FaultCase[] = [
  {
    title: "NATS frozen",
    numbers: [15],
    fault: "SIGSTOP for 12 s: beyond the publish deadline and the ping limit",
    async cycle(context) {
      await sleepRandomly(context, 100, 300);
      await freeze(context.harness.servers.nats, 12_000);
    },
  },
  {
    title: "one-way partition from NATS",
    numbers: [16, 17],
    fault: "for 3 s nothing from ingress reaches NATS, then for 3 s nothing from NATS reaches ingress",
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
    title: "PubAck lost, retried after the duplicate window",
    numbers: [18],
    fault: "a PubAck is lost, and the event is sent again after the duplicate window",
    expectation: "two messages on the stream, one row",
    quiet: true,
    async cycle(context) {
      const { harness, sender } = context;
      await harness.broker.configureStream({ duplicate_window: 100 * 1e6 });
      const before = await harness.broker.messages();
      const event = sender.next();
      const ingress = replicaOf(harness.ingresses, context);
      const url = `http://127.0.0.1:${ingress.clients.port}`;
      const lost = onNextBytes(ingress.nats, "down", pubAck, () => "cut");
      const first = await sender.attempt(event, { url });
      await lost;
      await sleep(300);
      await eventually("the retry to be stored", async () =>
        isAccepted(await sender.attempt(event, { url })),
      );
      const stored = (await harness.broker.messages()) - before;
      if (isAccepted(first)) context.reportViolation("LOSS", "2xx without a PubAck");
      if (stored < 2) throw new Error(`${stored} messages: the fault was not injected`);
      await harness.broker.configureStream();
    },
  },
  {
    title: "stream full",
    numbers: [20],
    fault: "the stream reaches its size limit",
    expectation: "503 within 5 s, no old message is removed, recovery once there is space",
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
        context.reportViolation("LOSS", "a full stream discarded events");
      await harness.broker.configureStream();
    },
  },
  {
    title: "stream missing, then its subjects taken",
    numbers: [21],
    fault: "the stream is deleted, then another stream takes its subjects",
    expectation: "no 2xx until the stream is back",
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
      await broker.createStream();
      await broker.shortenAckWait();
    },
  },
  {
    title: "NATS restarted with another sync_interval",
    numbers: [14],
    fault: "NATS restarts without `sync_interval: always`",
    expectation: "ingress becomes unready and responds 503 until that is repaired",
    harness: {
      natsRewrite: (config) => (drift.isOn ? config.replace("sync_interval: always", "") : config),
    },
    quiet: true,
    async cycle(context) {
      const { ingresses, servers } = context.harness;
      const [ingress] = ingresses;
      drift.isOn = true;
      await servers.nats.end("SIGTERM");
      // From here on, whatever server confirms does not sync.
      const sending = Array.from({ length: 8 }, () => sendUntilUnready(context));
      await eventually("ingress to turn unready", async () => (await ingress?.process.isReady()) === false);
      await servers.nats.ready();
      await Promise.all(sending);
      await refused(context, "by a server that does not sync");
      drift.isOn = false;
      await servers.nats.end("SIGTERM");
    },
  },
];

/** Sends until ingress has detected the unsafe server; nothing may be accepted until then. */
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
