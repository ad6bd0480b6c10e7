import { setTimeout as delay } from "node:timers/promises";
import type { FaultCase, CaseContext } from "../fault-case.ts";
import type { Ingress } from "../services.ts";
import { onNextBytes, sleepRandomly, freeze, killAt } from "./steps.ts";

/** What passes on the way to NATS when an event is published, and what confirms it. */
const published = "stripe.events.";
export const confirmation = '"stream":"STRIPE_EVENTS"';

const moments = [
  { direction: "up", bytes: published, action: "drop" },
  { direction: "up", bytes: published, action: "pass" },
  { direction: "down", bytes: confirmation, action: "drop" },
] as const;

const exitWithinMs = 27_000;

/** Ingress dies, freezes and leaves at the worst moments. */
export const ingressCases: readonly FaultCase[] = [
  {
    name: "ingress killed around the confirmation",
    faults: [2],
    what: "SIGKILL as a publish leaves, as it arrives, and as its confirmation comes back",
    cycles: 3,
    async cycle(context) {
      const moment = moments[context.cycle % moments.length] ?? moments[0];
      const { process, nats } = ingressOf(context);
      await killAt(context, process, nats, moment);
    },
  },
  {
    name: "ingress stopped under load",
    faults: [3],
    what: "SIGTERM with requests in progress; each is answered, no connection is reset, exit code 0",
    cycles: 1,
    async cycle(context) {
      const ingress = ingressOf(context);
      await stopUnderLoad(context, ingress);
      context.healed();
      await ingress.process.ready();
    },
  },
  {
    name: "ingress stopped while NATS hangs",
    faults: [3],
    what: "SIGTERM with NATS frozen: requests in progress get 503, exit code 0",
    cycles: 1,
    async cycle(context) {
      const ingress = ingressOf(context);
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
    name: "ingress frozen",
    faults: [4],
    what: "SIGSTOP for 3 s, then SIGCONT",
    cycles: 1,
    answersWithinMs: "never",
    async cycle(context) {
      await sleepRandomly(context, 100, 400);
      await freeze(ingressOf(context).process, 3_000);
    },
  },
  {
    name: "confirmation lost",
    faults: [17],
    what: "the proxy is cut as a confirmation comes back: stored, not answered 2xx, sent again",
    cycles: 4,
    async cycle(context) {
      const { nats } = ingressOf(context);
      await onNextBytes(nats, "down", confirmation, () => "cut");
    },
  },
  {
    name: "publish lost",
    faults: [16],
    what: "the proxy is cut as a publish leaves: nothing stored, sent again",
    cycles: 4,
    async cycle(context) {
      const { nats } = ingressOf(context);
      await onNextBytes(nats, "up", published, () => "cut");
    },
  },
];

function ingressOf({ harness, cycle }: CaseContext): Ingress {
  const ingress = harness.ingresses[cycle % harness.ingresses.length];
  if (ingress === undefined) throw new Error("there is no ingress");
  return ingress;
}

/** SIGTERM while clients that keep their connections send without a pause, past the proxy. */
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
  const how = await Promise.race([ended, delay(exitWithinMs, "nothing yet")]);
  over.abort();
  await Promise.all(clients);
  process.release();
  if (how !== "exit code 0") context.reportViolation("LIVE", `after SIGTERM: ${how}`);
  if (cut.length > 0)
    context.reportViolation("FAST", `${cut.length} requests were cut off: ${cut.slice(0, 3).join(", ")}`);
}
