import { connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { eventually } from "@takings/testkit";
import { isAccepted, sign, type StripeEvent } from "@takings/simulator";
import type { FaultCase, CaseContext } from "../fault-case.ts";
import type { AttemptChanges } from "../attempts.ts";
import { type HostileOptions, partOfBody, startHostileClients } from "../hostile-clients.ts";
import { syntheticEvent } from "./bodies.ts";
import { replicaOf, sleep } from "./steps.ts";

const now = (): number => Math.floor(Date.now() / 1000);

/** Requests that must be refused. The signature is that of the event's own body unless changed. */
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

/** Sends each kind of forged request once. */
export async function sendForgeries(context: CaseContext): Promise<void> {
  for (const forge of forgeries) {
    const event = syntheticEvent(context);
    const { status } = await context.sender.forge(event, forge(event, context));
    if (status !== 400 && status !== 415)
      context.reportViolation("PHANTOM", `answered ${status} to ${forge.toString()}`);
  }
}

/** Sends parts of bodies to an ingress, again and again, while genuine events arrive there. */
function holdBackBodies(context: CaseContext): Promise<void> {
  return amongHostileClients(context, [
    { clients: 64, beginning: partOfBody(510_000) },
    // Each takes what is too little for one more of the former.
    { clients: 8, beginning: partOfBody(60_000) },
    { clients: 30, beginning: partOfBody(1_000) },
    { clients: 20, beginning: partOfBody(50) },
  ]);
}

/** Uses up the connections of an ingress with clients that send nothing, while genuine events arrive there. */
function useUpConnections(context: CaseContext): Promise<void> {
  return amongHostileClients(context, [{ clients: 4_100, beginning: "" }]);
}

/** Each event must be accepted at its first attempt, on a connection of its own. */
async function amongHostileClients(
  context: CaseContext,
  kinds: readonly Omit<HostileOptions, "port">[],
): Promise<void> {
  const { harness, sender, reportViolation } = context;
  const { directUrl: url } = replicaOf(harness.ingresses, context);
  using hostile = new DisposableStack();
  for (const kind of kinds) {
    const clients = hostile.use(startHostileClients({ ...kind, port: Number(new URL(url).port) }));
    await eventually("the hostile clients to connect", () => clients.connected() > kind.clients * 0.95);
  }
  const until = performance.now() + hostileMs;
  while (performance.now() < until) {
    const answer = await sender.attempt(sender.next(), { url, headers: { connection: "close" } });
    if (isAccepted(answer)) continue;
    reportViolation("LIVE", `answered ${answer.status} (${answer.error ?? ""}) among hostile clients`);
    return;
  }
}

const hostileMs = 2_500;

/** Requests of clients that know the address, or even the secret. */
export const abuseCases: readonly FaultCase[] = [
  {
    title: "forged webhooks",
    numbers: [49, 50],
    fault:
      "requests with a wrong, missing, truncated, duplicated, expired or future signature; bodies changed, reformatted, with a BOM, not UTF-8 or compressed",
    expectation: "each is refused",
    cycle: sendForgeries,
  },
  {
    title: "secret rotated under load",
    numbers: [51],
    fault: "the old secret alone, then old and new, then the new one alone",
    expectation: "no genuine event is refused",
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
      if (late.status !== 400) reportViolation("PHANTOM", `answered ${late.status} to a revoked secret`);
    },
  },
  {
    title: "replayed requests",
    numbers: [52],
    fault:
      "the same event again at once, with a signature of 298 s ago, of 302 s ago, and with a new signature",
    expectation: "refused only after the tolerance of 300 s; counted once",
    async cycle(context) {
      const event = await context.sender.deliverOne(20_000);
      for (const [age, expected] of [
        [0, 200],
        [298, 200],
        [302, 400],
        [0, 200],
      ] as const) {
        const { status } = await context.sender.attempt(event, { signedAt: now() - age });
        // 503 for overload says nothing about the replay.
        if (status !== expected && status !== 503)
          context.reportViolation("ONCE", `answered ${status} to a replay of ${age} s`);
      }
    },
  },
  {
    title: "repeated reports, test mode, connected accounts",
    numbers: [54, 55],
    fault:
      "complete payment histories in random order: charge and payment intent, refund before charge, test mode, connected accounts",
    expectation: "each movement is counted once",
    async cycle(context) {
      const events = context.random.shuffle(Array.from({ length: 150 }, () => context.sender.next()));
      await Promise.all(events.map((event) => context.sender.attempt(event)));
    },
  },
  {
    title: "hostile clients",
    numbers: [56],
    fault:
      "64 clients that send 510 kB of a body and stop and 58 that send less, then 4,100 that send nothing; each comes back when it is cut off",
    expectation: "events are accepted at their first attempt, on new connections",
    async cycle(context) {
      await holdBackBodies(context);
      await useUpConnections(context);
    },
  },
  {
    title: "slow and idle clients",
    numbers: [56],
    fault:
      "100 clients that send headers byte by byte, 100 that send bodies byte by byte, 1,000 that send nothing",
    expectation: "cut within 15 s; others are served",
    async cycle(context) {
      const { directUrl } = replicaOf(context.harness.ingresses, context);
      const port = Number(new URL(directUrl).port);
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

/** Builds that hostile clients bring to a stop. */
export const abuseBrokenBuilds: readonly FaultCase[] = [
  {
    title: "keeps the memory of incomplete bodies",
    numbers: [56],
    fault: "an ingress whose incomplete bodies do not give way; clients that send parts of bodies",
    harness: { broken: { ingress: "keeps-incomplete-bodies" } },
    expectedViolation: "LIVE",
    quiet: true,
    recoversWithinMs: 10_000,
    cycle: holdBackBodies,
  },
  {
    title: "refuses connections at the limit",
    numbers: [56],
    fault: "an ingress whose idle connections keep their places; clients that connect and send nothing",
    harness: { broken: { ingress: "refuses-connections-at-limit" } },
    expectedViolation: "LIVE",
    quiet: true,
    recoversWithinMs: 10_000,
    cycle: useUpConnections,
  },
];

/** A client that begins a request and then sends one byte per second, without end. */
function trickle(port: number, beginning: string): Socket {
  const socket = connect({ port, host: "127.0.0.1" }).on("error", () => undefined);
  socket.write(beginning);
  const timer = setInterval(() => socket.write("a"), 1_000);
  // Reading detects the end of the connection.
  return socket.resume().on("close", () => clearInterval(timer));
}
