import { setTimeout as delay } from "node:timers/promises";
import type { FaultCase, CaseContext } from "../fault-case.ts";
import type { Ingress } from "../services.ts";
import { freeze, killAt, onNextBytes, replicaOf, sleepRandomly } from "./steps.ts";

/** Bytes of a publish on its way to NATS, and of its PubAck. */
const published = "stripe.events.";
export const pubAck = '"stream":"STRIPE_EVENTS"';

const moments = [
  { direction: "up", bytes: published, action: "drop" },
  { direction: "up", bytes: published, action: "pass" },
  { direction: "down", bytes: pubAck, action: "drop" },
] as const;

const exitWithinMs = 27_000;

/** Ingress is killed, frozen or stopped at critical moments. */
export const ingressCases: readonly FaultCase[] = [
  {
    title: "ingress killed around a PubAck",
    numbers: [2],
    fault: "SIGKILL when a publish leaves, when it arrives, and when its PubAck returns",
    cycles: 3,
    async cycle(context) {
      const moment = moments[context.cycle % moments.length] ?? moments[0];
      const { process, nats } = replicaOf(context.harness.ingresses, context);
      await killAt(context, process, nats, moment);
    },
  },
  {
    title: "ingress stopped under load",
    numbers: [3],
    fault: "SIGTERM with requests in progress",
    expectation: "each gets a response, no connection is reset, exit code 0",
    async cycle(context) {
      const ingress = replicaOf(context.harness.ingresses, context);
      await stopUnderLoad(context, ingress);
      context.healed();
      await ingress.process.ready();
    },
  },
  {
    title: "ingress stopped while NATS hangs",
    numbers: [3],
    fault: "SIGTERM while NATS is frozen",
    expectation: "requests in progress get 503, exit code 0",
    async cycle(context) {
      const ingress = replicaOf(context.harness.ingresses, context);
      const { nats } = context.harness.servers;
      nats.signal("SIGSTOP");
      try {
        await stopUnderLoad(context, ingress);
      } finally {
        nats.signal("SIGCONT");
      }
      context.healed();
      await ingress.process.ready();
    },
  },
  {
    title: "ingress frozen",
    numbers: [4],
    fault: "SIGSTOP for 3 s, then SIGCONT",
    answersWithinMs: "never",
    async cycle(context) {
      await sleepRandomly(context, 100, 400);
      await freeze(replicaOf(context.harness.ingresses, context).process, 3_000);
    },
  },
  {
    title: "PubAck lost",
    numbers: [17],
    fault: "the connection is cut when a PubAck returns",
    expectation: "stored, not confirmed with 2xx, and sent again",
    cycles: 4,
    async cycle(context) {
      const { nats } = replicaOf(context.harness.ingresses, context);
      await onNextBytes(nats, "down", pubAck, () => "cut");
    },
  },
  {
    title: "publish lost",
    numbers: [16],
    fault: "the connection is cut when a publish leaves",
    expectation: "not stored, and sent again",
    cycles: 4,
    async cycle(context) {
      const { nats } = replicaOf(context.harness.ingresses, context);
      await onNextBytes(nats, "up", published, () => "cut");
    },
  },
];

/** SIGTERM while clients with persistent connections send continuously, bypassing the proxy. */
async function stopUnderLoad(context: CaseContext, { process, directUrl }: Ingress): Promise<void> {
  const over = new AbortController();
  const cut: string[] = [];
  const client = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const { error, headers } = await context.sender.attempt(context.sender.next(), { url: directUrl });
      // The stopping process closed this client's connection, or no longer listens.
      if (error === "ECONNREFUSED" || headers.get("connection") === "close") break;
      if (error !== undefined) cut.push(error);
    }
  };
  const clients = Array.from({ length: 6 }, client);
  await sleepRandomly(context, 300, 600);
  process.hold();
  const ended = process.end("SIGTERM");
  const how = await Promise.race([ended, delay(exitWithinMs, "still running")]);
  over.abort();
  await Promise.all(clients);
  process.release();
  if (how !== "exit code 0") context.reportViolation("LIVE", `after SIGTERM: ${how}`);
  if (cut.length > 0)
    context.reportViolation("FAST", `${cut.length} requests were cut: ${cut.slice(0, 3).join(", ")}`);
}
