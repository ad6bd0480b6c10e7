import { connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { eventually } from "@takings/local";
import { isAccepted, sign, type StripeEvent } from "@takings/simulator";
import type { FaultCase, CaseContext } from "../fault-case.ts";
import type { AttemptChanges } from "../attempts.ts";
import { syntheticEvent } from "./bodies.ts";
import { sleep } from "./steps.ts";

const now = (): number => Math.floor(Date.now() / 1000);

/** Ways to send something that must not be believed. The signature belongs to the event's own text unless changed. */
const forgeries: readonly ((event: StripeEvent, context: CaseContext) => AttemptChanges)[] = [
  () => ({ secret: "whsec_of_somebody_else" }),
  () => ({ headers: { "stripe-signature": "" } }),
  ({ body }, { harness }) => ({
    headers: { "stripe-signature": sign(body, harness.secret()).replace("v1=", "v0=") },
  }),
  ({ body }, { harness }) => ({ headers: { "stripe-signature": sign(body, harness.secret()).slice(0, -1) } }),
  ({ body }, { harness }) => ({
    headers: { "stripe-signature": `t=${now() - 5},${sign(body, harness.secret())}` },
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
export const abuseCases: readonly FaultCase[] = [
  {
    name: "forgeries",
    faults: [49, 50],
    what: "wrong, missing, cut, doubled, old and future signatures; bodies changed, re-written, marked, not UTF-8, compressed",
    cycles: 1,
    async cycle(context) {
      for (const forge of forgeries) {
        const event = syntheticEvent(context);
        const { status } = await context.sender.forge(event, forge(event, context));
        if (status !== 400 && status !== 415)
          context.reportViolation("PHANTOM", `answered ${status} to ${forge.toString()}`);
      }
    },
  },
  {
    name: "secret rotated under load",
    faults: [51],
    what: "old alone, old and new, new alone: no genuine event is refused",
    cycles: 1,
    async cycle(context) {
      const { harness, sender, random, reportViolation } = context;
      const [old, fresh] = [harness.secret(), `whsec_${random.letters(24)}`];
      const mustBeAccepted = async (secret: string, when: string): Promise<void> => {
        for (const url of harness.urls()) {
          const answer = await sender.attempt(sender.next(), { url, secret });
          if (!isAccepted(answer)) reportViolation("LIVE", `answered ${answer.status} ${when}`);
        }
      };
      harness.rotate([old, fresh]);
      await eventually("the new secret to be live", async () =>
        isAccepted(await sender.attempt(sender.next(), { secret: fresh })),
      );
      await sleep(1_500);
      await mustBeAccepted(old, "to the old secret during the rotation");
      await mustBeAccepted(fresh, "to the new secret during the rotation");
      harness.rotate([fresh]);
      await sleep(1_500);
      await mustBeAccepted(fresh, "to the new secret after the rotation");
      const event = syntheticEvent(context);
      const late = await sender.forge(event, { secret: old });
      if (late.status !== 400) reportViolation("PHANTOM", `answered ${late.status} to a secret that is out`);
    },
  },
  {
    name: "replays",
    faults: [52],
    what: "the same event at once, with a signature 298 s old, one 302 s old, and signed again",
    cycles: 1,
    async cycle(context) {
      const event = await context.sender.deliverOne(20_000);
      for (const [age, expected] of [
        [0, 200],
        [298, 200],
        [302, 400],
        [0, 200],
      ] as const) {
        const { status } = await context.sender.attempt(event, { signedAt: now() - age });
        // Overload is no verdict on a replay.
        if (status !== expected && status !== 503)
          context.reportViolation("ONCE", `answered ${status} to a replay of ${age} s`);
      }
    },
  },
  {
    name: "repeated reports, test mode, connected accounts",
    faults: [54, 55],
    what: "whole life histories with charge beside intent, refund before charge, test mode and connected accounts, in disorder",
    cycles: 1,
    async cycle(context) {
      const events = context.random.shuffle(Array.from({ length: 150 }, () => context.sender.next()));
      await Promise.all(events.map((event) => context.sender.attempt(event)));
    },
  },
  {
    name: "slow and idle clients",
    faults: [56],
    what: "100 clients that send their headers byte by byte, 100 their bodies, 1,000 nothing: cut within 15 s, the others served",
    cycles: 1,
    async cycle(context) {
      const [ingress] = context.harness.ingresses;
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
        (error: unknown) => context.reportViolation("BOUND", String(error)),
      );
      for (const socket of [...slow, ...idle]) socket.destroy();
    },
  },
];

/** A client that begins a request and then sends a byte now and then, for ever. */
function trickle(port: number, beginning: string): Socket {
  const socket = connect({ port, host: "127.0.0.1" }).on("error", () => undefined);
  socket.write(beginning);
  const timer = setInterval(() => socket.write("a"), 1_000);
  // Read, so that its end is seen.
  return socket.resume().on("close", () => clearInterval(timer));
}
