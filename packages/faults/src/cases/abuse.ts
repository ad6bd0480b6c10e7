import { connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { eventually } from "@takings/local";
import type { StripeEvent } from "@takings/test/scene";
import { sign } from "@takings/testkit";
import type { Case, Stage } from "../case.ts";
import type { Changes } from "../sender.ts";
import { isAccepted } from "./nats.ts";
import { lasting } from "./steps.ts";

const now = (): number => Math.floor(Date.now() / 1000);

/** An event that Stripe never sent, under an id of its own. */
function invented({ random }: Stage, facts: Readonly<Record<string, unknown>> = {}): StripeEvent {
  const id = `evt_invented${random.letters(20)}`;
  const intent = {
    id: `pi_invented${random.letters(16)}`,
    object: "payment_intent",
    amount: 4_200,
    amount_received: 4_200,
    currency: "usd",
    status: "succeeded",
  };
  const event = { id, object: "event", type: "payment_intent.succeeded", created: now(), livemode: true };
  return { id, type: event.type, body: JSON.stringify({ ...event, data: { object: intent }, ...facts }) };
}

/** Ways to send something that must not be believed. The signature belongs to the event's own text unless changed. */
const forgeries: readonly ((event: StripeEvent, stage: Stage) => Changes)[] = [
  () => ({ secret: "whsec_of_somebody_else" }),
  () => ({ headers: { "stripe-signature": "" } }),
  ({ body }, { rig }) => ({
    headers: { "stripe-signature": sign(body, rig.secret()).replace("v1=", "v0=") },
  }),
  ({ body }, { rig }) => ({ headers: { "stripe-signature": sign(body, rig.secret()).slice(0, -1) } }),
  ({ body }, { rig }) => ({
    headers: { "stripe-signature": `t=${now() - 5},${sign(body, rig.secret())}` },
  }),
  () => ({ headers: { "stripe-signature": `t=${now()},${"v1=00,".repeat(100)}` } }),
  () => ({ signedAt: now() - 302 }),
  () => ({ signedAt: now() + 330 }),
  ({ body }) => ({ body: `${body} ` }),
  ({ body }) => ({ body: JSON.stringify(JSON.parse(body), undefined, 1) }),
  ({ body }) => ({ body: body.replace("4200", "9200") }),
  ({ body }) => ({ body: `\u{feff}${body}` }),
  ({ body }) => ({
    body: Buffer.concat([Buffer.from(body.slice(0, -1)), Buffer.from([0xff]), Buffer.from("}")]),
  }),
  ({ body }) => ({ body: gzipSync(body), headers: { "content-encoding": "gzip" } }),
];

/** What someone may send who knows the address, or even the secret. */
export const abuseCases: readonly Case[] = [
  {
    name: "forgeries",
    faults: [49, 50],
    what: "wrong, missing, cut, doubled, old and future signatures; bodies changed, re-written, marked, not UTF-8, compressed",
    cycles: 1,
    async cycle(stage) {
      for (const forge of forgeries) {
        const event = invented(stage);
        const { status } = await stage.sender.forge(event, forge(event, stage));
        if (status !== 400 && status !== 415)
          stage.violate("PHANTOM", `answered ${status} to ${forge.toString()}`);
      }
    },
  },
  {
    name: "secret rotated under load",
    faults: [51],
    what: "old alone, old and new, new alone: no genuine event is refused",
    cycles: 1,
    async cycle(stage) {
      const { rig, sender, random, violate } = stage;
      const [old, fresh] = [rig.secret(), `whsec_${random.letters(24)}`];
      const mustBeAccepted = async (secret: string, when: string): Promise<void> => {
        for (const url of rig.urls()) {
          const answer = await sender.attempt(sender.next(), { url, secret });
          if (!isAccepted(answer)) violate("LIVE", `answered ${answer.status} ${when}`);
        }
      };
      rig.rotate([old, fresh]);
      await eventually("the new secret to be live", async () =>
        isAccepted(await sender.attempt(sender.next(), { secret: fresh })),
      );
      await lasting(1_500);
      await mustBeAccepted(old, "to the old secret during the rotation");
      await mustBeAccepted(fresh, "to the new secret during the rotation");
      rig.rotate([fresh]);
      await lasting(1_500);
      await mustBeAccepted(fresh, "to the new secret after the rotation");
      const event = invented(stage);
      const late = await sender.forge(event, { secret: old });
      if (late.status !== 400) violate("PHANTOM", `answered ${late.status} to a secret that is out`);
    },
  },
  {
    name: "replays",
    faults: [52],
    what: "the same event at once, with a signature 298 s old, one 302 s old, and signed anew",
    cycles: 1,
    async cycle(stage) {
      const event = await stage.sender.deliverOne(20_000);
      for (const [age, expected] of [
        [0, 200],
        [298, 200],
        [302, 400],
        [0, 200],
      ] as const) {
        const { status } = await stage.sender.attempt(event, { signedAt: now() - age });
        // Overload is no verdict on a replay.
        if (status !== expected && status !== 503)
          stage.violate("ONCE", `answered ${status} to a replay of ${age} s`);
      }
    },
  },
  {
    name: "one event 2,000 times",
    faults: [53],
    what: "in parallel through two ingress processes: one row, bounded memory",
    cycles: 1,
    async cycle(stage) {
      const event = stage.sender.next();
      const waiting = Array.from({ length: 2_000 }).values();
      const worker = async (): Promise<void> => {
        for (const _ of waiting) await stage.sender.attempt(event);
      };
      await Promise.all(Array.from({ length: 64 }, worker));
    },
  },
  {
    name: "money told twice, other modes, unknown accounts",
    faults: [54, 55],
    what: "whole life histories with charge beside intent, refund before charge, test mode and connected accounts, in disorder",
    cycles: 1,
    async cycle(stage) {
      const events = stage.random.shuffle(Array.from({ length: 150 }, () => stage.sender.next()));
      await Promise.all(events.map((event) => stage.sender.attempt(event)));
    },
  },
  {
    name: "slow and idle clients",
    faults: [56],
    what: "100 clients that send their headers byte by byte, 100 their bodies, 1,000 nothing: cut within 15 s, the others served",
    cycles: 1,
    async cycle(stage) {
      const [ingress] = stage.rig.ingresses;
      if (ingress === undefined) return;
      const port = Number(new URL(ingress.directUrl).port);
      const slow = [
        ...Array.from({ length: 100 }, () =>
          trickle(port, "POST /webhooks/stripe HTTP/1.1\r\nhost: x\r\nx: "),
        ),
        ...Array.from({ length: 100 }, () =>
          trickle(port, "POST /webhooks/stripe HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n\r\n"),
        ),
      ];
      const idle = Array.from({ length: 1_000 }, () =>
        connect({ port, host: "127.0.0.1" }).on("error", () => undefined),
      );
      await eventually("the slow clients to be cut", () => slow.every(({ closed }) => closed), 15_000).catch(
        (error: unknown) => stage.violate("BOUND", String(error)),
      );
      for (const socket of [...slow, ...idle]) socket.destroy();
    },
  },
  {
    name: "huge, deep and odd bodies",
    faults: [57],
    what: "signed: 600 KiB, a nesting of 3,000, __proto__, amounts beyond 2^53, below zero, and fractions",
    cycles: 1,
    async cycle(stage) {
      const huge = invented(stage, { padding: "x".repeat(600_000) });
      const refused = await stage.sender.forge(huge, {});
      if (refused.status !== 413) stage.violate("BOUND", `answered ${refused.status} to 600 KiB`);
      for (const event of oddBodies(stage)) {
        const { status } = await stage.sender.attempt(event);
        if (status !== 200 && status !== 503) stage.violate("LIVE", `answered ${status} to a signed event`);
      }
    },
  },
  {
    name: "poison among the good",
    faults: [33],
    what: "60 signed events, every third of which defies understanding: quarantined, and nothing stands in its neighbours' way",
    cycles: 1,
    async cycle(stage) {
      const odd = Array.from({ length: 5 }, () => oddBodies(stage)).flat();
      const good = odd.flatMap(() => [stage.sender.next(), stage.sender.next()]);
      await Promise.all(stage.random.shuffle([...odd, ...good]).map((event) => stage.sender.attempt(event)));
    },
  },
  {
    name: "flood after an outage",
    faults: [58],
    what: "1,500 events, three times each, with 200 requests at once: refused where there is no room, and drained",
    cycles: 1,
    answersWithinMs: 15_000,
    async cycle(stage) {
      const waiting = Array.from({ length: 1_500 }, () => stage.sender.next())
        .flatMap((event) => [event, event, event])
        .values();
      const worker = async (): Promise<void> => {
        for (const event of waiting) await stage.sender.attempt(event);
      };
      await Promise.all(Array.from({ length: 200 }, worker));
    },
  },
];

/** Signed events with content that a parser, a sum or a database may choke on. Each has its own verdict with the judge. */
function oddBodies(stage: Stage): StripeEvent[] {
  const edit = (change: (body: string) => string): StripeEvent => {
    const event = invented(stage);
    return { ...event, body: change(event.body) };
  };
  return [
    edit((body) =>
      body.replace('"livemode":true', `"livemode":true,"deep":${"[".repeat(3_000)}${"]".repeat(3_000)}`),
    ),
    edit((body) => body.replace('"livemode":true', '"livemode":true,"__proto__":{"livemode":false}')),
    edit((body) => body.replaceAll("4200", "9007199254740993")),
    edit((body) => body.replaceAll("4200", "-1")),
    edit((body) => body.replaceAll("4200", "0.5")),
    edit((body) => body.replace('"currency":"usd"', '"currency":"dollars"')),
  ];
}

/** A client that begins a request and then sends a byte now and then, for ever. */
function trickle(port: number, beginning: string): Socket {
  const socket = connect({ port, host: "127.0.0.1" }).on("error", () => undefined);
  socket.write(beginning);
  const timer = setInterval(() => socket.write("a"), 1_000);
  // Read, so that its end is seen.
  return socket.resume().on("close", () => clearInterval(timer));
}
