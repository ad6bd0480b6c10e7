import { Agent } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Case, Stage } from "../case.ts";
import type { Ingress } from "../services.ts";
import { atMoment, aWhile, freeze, killAt } from "./steps.ts";

/** What passes on the way to NATS when an event is published, and what confirms it. */
const published = "stripe.events.";
export const confirmation = '"stream":"STRIPE_EVENTS"';

const moments = [
  { direction: "up", bytes: published, fate: "lose" },
  { direction: "up", bytes: published, fate: "pass" },
  { direction: "down", bytes: confirmation, fate: "lose" },
] as const;

const exitWithinMs = 27_000;

/** Ingress dies, freezes and leaves at the worst moments. */
export const ingressCases: readonly Case[] = [
  {
    name: "ingress killed around the confirmation",
    faults: [2],
    what: "SIGKILL as a publish leaves, as it arrives, and as its confirmation comes back",
    cycles: 3,
    async cycle(stage) {
      const moment = moments[stage.cycle % moments.length] ?? moments[0];
      const { part, nats } = ingressOf(stage);
      await killAt(stage, part, nats, moment);
    },
  },
  {
    name: "ingress stopped under load",
    faults: [3],
    what: "SIGTERM with requests in progress; each is answered, no connection is reset, exit code 0",
    cycles: 1,
    async cycle(stage) {
      const ingress = ingressOf(stage);
      await leaveUnderLoad(stage, ingress);
      stage.healed();
      await ingress.part.ready();
    },
  },
  {
    name: "ingress stopped while NATS hangs",
    faults: [3],
    what: "SIGTERM with NATS frozen: requests in progress get 503, exit code 0",
    cycles: 1,
    async cycle(stage) {
      const ingress = ingressOf(stage);
      const { nats } = stage.rig.servers;
      nats.signal("SIGSTOP");
      try {
        await leaveUnderLoad(stage, ingress);
      } finally {
        nats.signal("SIGCONT");
      }
      stage.healed();
      await ingress.part.ready();
    },
  },
  {
    name: "ingress frozen",
    faults: [4],
    what: "SIGSTOP for 3 s, then SIGCONT",
    cycles: 1,
    answersWithinMs: "never",
    async cycle(stage) {
      await aWhile(stage, 100, 400);
      await freeze(ingressOf(stage).part, 3_000);
    },
  },
  {
    name: "confirmation lost",
    faults: [17],
    what: "the link is cut as a confirmation comes back: stored, not answered 2xx, sent again",
    cycles: 4,
    async cycle(stage) {
      const { nats } = ingressOf(stage);
      await atMoment(nats, "down", confirmation, () => "cut");
    },
  },
  {
    name: "publish lost",
    faults: [16],
    what: "the link is cut as a publish leaves: nothing stored, sent again",
    cycles: 4,
    async cycle(stage) {
      const { nats } = ingressOf(stage);
      await atMoment(nats, "up", published, () => "cut");
    },
  },
];

function ingressOf({ rig, cycle }: Stage): Ingress {
  const ingress = rig.ingresses[cycle % rig.ingresses.length];
  if (ingress === undefined) throw new Error("there is no ingress");
  return ingress;
}

/** SIGTERM while clients that keep their connections send without a pause, past the link. */
async function leaveUnderLoad(stage: Stage, { part, directUrl }: Ingress): Promise<void> {
  const over = new AbortController();
  const cut: string[] = [];
  const client = async (): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!over.signal.aborted) {
      const { trouble, headers } = await stage.sender.attempt(stage.sender.next(), { url: directUrl });
      // Told to go, or nobody listens any more: this client is none of the leaving process's any more.
      if (trouble === "ECONNREFUSED" || headers["connection"] === "close") break;
      if (trouble !== undefined) cut.push(trouble);
    }
    agent.destroy();
  };
  const clients = Array.from({ length: 6 }, client);
  await aWhile(stage, 300, 600);
  part.hold();
  const ended = part.end("SIGTERM");
  const how = await Promise.race([ended, delay(exitWithinMs, "nothing yet")]);
  over.abort();
  await Promise.all(clients);
  part.release();
  if (how !== "exit code 0") stage.violate("LIVE", `after SIGTERM: ${how}`);
  if (cut.length > 0)
    stage.violate("FAST", `${cut.length} requests were cut off: ${cut.slice(0, 3).join(", ")}`);
}
