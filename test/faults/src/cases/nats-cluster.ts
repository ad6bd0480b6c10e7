import { isAccepted } from "@takings/simulator";
import type { CaseContext, FaultCase } from "../fault-case.ts";
import type { Isolation, NatsServer } from "../nats-cluster.ts";
import {
  clusterOf,
  during,
  expectRefusals,
  type Led,
  leaderOf,
  onCluster,
  stepDown,
  untilOneLeads,
} from "./nats-cluster-steps.ts";
import { deliver, freeze, inParallel, killUnderLoad, sleep, sleepRandomly } from "./steps.ts";

/** One of three NATS servers fails, or two, or the leader of the stream moves. */
export const natsClusterCases: readonly FaultCase[] = [
  killOf("stream", 2),
  killOf("durable", 1),
  {
    title: "NATS quorum lost",
    numbers: [12],
    fault: "SIGKILL of two of three NATS servers, which stay away for 4 s",
    expectation: "no 2xx meanwhile",
    harness: onCluster,
    async cycle(context) {
      const { leader, followers } = await leaderOf(context);
      const victims = context.random.chance(0.5) ? followers : [leader, ...followers.slice(1)];
      await sleepRandomly(context, 100, 400);
      for (const { process } of victims) process.hold();
      await Promise.all(victims.map(({ process }) => process.end("SIGKILL")));
      await during(4_000, () => expectRefusals(context, "without a quorum"), 300);
      for (const { process } of victims) process.release();
      context.healed();
      await Promise.all(victims.map(({ process }) => process.ready()));
    },
  },
  {
    title: "group commit across leader changes",
    numbers: [19, 31],
    fault:
      "the leaders of stream and durable step down every half second for 5 s, with 60 requests in flight",
    harness: onCluster,
    async cycle(context) {
      const { sender } = context;
      let changes = 0;
      const moving = during(
        5_000,
        async () => {
          const what = changes % 3 === 2 ? "durable" : "stream";
          // While there is no leader, nothing can step down.
          const hasMoved = await stepDown(context, what).then(
            () => true,
            () => false,
          );
          if (hasMoved) changes += 1;
        },
        500,
      );
      const events = Array.from({ length: 1_000 }, sender.next);
      const ending = new AbortController();
      const sending = inParallel(60, events, async (event) => {
        if (!ending.signal.aborted) await deliver(context, event);
      });
      await moving;
      ending.abort();
      context.healed();
      await sending;
      if (changes < 3) throw new Error(`${changes} leader changes: the fault was not injected`);
    },
  },
  {
    title: "event repeated while its first copy is in flight",
    numbers: [19],
    fault:
      "the leader of the stream is cut off from the others, and gets an event twice; nothing is sent again",
    expectation: "no 2xx, also for the second copy, which the leader refuses as in flight",
    harness: onCluster,
    quiet: true,
    onRequest: true,
    cycle: repeatInFlight,
  },
  {
    title: "stream leader frozen",
    numbers: [10, 15],
    fault: "SIGSTOP of the leader of the stream for 7 s",
    harness: onCluster,
    onRequest: true,
    async cycle(context) {
      const { leader } = await leaderOf(context);
      await sleepRandomly(context, 100, 400);
      await freeze(leader.process, 7_000);
    },
  },
  isolationOf({
    how: "partitioned",
    fault: "nothing leaves the leader of the stream and nothing reaches it",
    isolation: ["sent", "received"],
    untilEffective: ({ followers }) => untilOneLeads(followers),
  }),
  isolationOf({
    how: "not heard",
    fault: "nothing leaves the leader of the stream",
    isolation: ["sent"],
    untilEffective: ({ followers }) => untilOneLeads(followers),
  }),
  isolationOf({
    how: "not hearing",
    fault: "nothing reaches the leader of the stream",
    isolation: ["received"],
    untilEffective: requireRefusal,
  }),
  {
    title: "NATS restarted one by one",
    numbers: [26],
    fault: "lame duck mode of each of three NATS servers in turn, under load",
    harness: onCluster,
    onRequest: true,
    async cycle(context) {
      for (const { process } of clusterOf(context).servers) {
        await process.end("SIGUSR2");
        await process.ready();
      }
    },
  },
];

function killOf(what: Led, cycles: number): FaultCase {
  return {
    title: `${what} leader killed`,
    numbers: [10],
    fault: `SIGKILL of the leader of the ${what}, one of three NATS servers`,
    harness: onCluster,
    cycles,
    onRequest: what === "durable",
    async cycle(context) {
      const { leader } = await leaderOf(context, what);
      await killUnderLoad(context, leader.process);
    },
  };
}

type IsolationOfLeader = {
  readonly how: string;
  readonly fault: string;
  readonly isolation: readonly Isolation[];
  /** Resolves once the isolation has an effect; rejects when it has none. */
  untilEffective(context: CaseContext & { readonly followers: readonly NatsServer[] }): Promise<void>;
};

function isolationOf({ how, fault, isolation, untilEffective }: IsolationOfLeader): FaultCase {
  return {
    title: `stream leader ${how}`,
    numbers: [10],
    fault: `for 8 s ${fault}, of servers and clients`,
    harness: onCluster,
    onRequest: true,
    async cycle(context) {
      const { leader, followers } = await leaderOf(context);
      await sleepRandomly(context, 100, 400);
      clusterOf(context).isolate(leader.name, ...isolation);
      await Promise.all([sleep(8_000), untilEffective({ ...context, followers })]);
      clusterOf(context).heal();
      context.healed();
    },
  };
}

/** The leader's heartbeats still arrive, so no other is elected, and it stores nothing that it does not hear. */
async function requireRefusal({ sender }: CaseContext): Promise<void> {
  if (isAccepted(await sender.attempt(sender.next())))
    throw new Error("the leader heard a message: the fault was not injected");
}

/** An ingress waits longer for a confirmation that does not come. */
const answersWithinMs = 3_000;

/** The first copy waits for a quorum that the leader does not have; the others elect another leader meanwhile. */
export async function repeatInFlight(context: CaseContext): Promise<void> {
  const { sender, harness } = context;
  const cluster = clusterOf(context);
  const { leader, followers } = await leaderOf(context);
  // Only a client of this server still reaches the leader.
  for (const { clients } of followers) clients.refuse();
  await Promise.all(harness.ingresses.map(({ process }) => process.ready()));
  await deliver(context, sender.next());
  cluster.isolateFromServers(leader.name, "sent", "received");
  const event = sender.next();
  // One ingress would not send the second copy before it knows what became of the first.
  const [one, other] = harness.urls();
  const first = sender.attempt(event, { url: one ?? "" });
  await sleep(300);
  const second = await sender.attempt(event, { url: other ?? "" });
  if (second.status === 0 || second.ms > answersWithinMs)
    throw new Error(`the leader did not answer: ${second.ms} ms, so the fault was not injected`);
  await first;
  await untilOneLeads(followers);
  cluster.heal();
  context.healed();
}
