import type { FaultCase, CaseContext } from "../fault-case.ts";
import type { SupervisedProcess } from "../supervised-process.ts";
import { sleepRandomly, sleep } from "./steps.ts";

/** Kills a process under load; what follows is its own recovery. */
async function kill(context: CaseContext, process: SupervisedProcess): Promise<void> {
  await sleepRandomly(context, 100, 600);
  await process.end("SIGKILL");
  context.healed();
  await process.ready();
}

/** Every process killed again and again while events come in. */
export const kills: readonly FaultCase[] = [
  {
    name: "ingress killed",
    faults: [1],
    what: "SIGKILL of one of two ingress processes, at times of both",
    cycles: 3,
    async cycle(context) {
      const both = context.random.chance(0.3);
      const victims = context.harness.ingresses.filter((_, index) => both || index === context.cycle % 2);
      await sleepRandomly(context, 100, 600);
      await Promise.all(victims.map(({ process }) => process.end("SIGKILL")));
      context.healed();
      await Promise.all(victims.map(({ process }) => process.ready()));
    },
  },
  {
    name: "NATS killed",
    faults: [9],
    what: "SIGKILL of nats-server under load",
    cycles: 4,
    cycle: (context) => kill(context, context.harness.servers.nats),
  },
  {
    name: "NATS killed while it recovers",
    faults: [11],
    what: "SIGKILL again 0 to 300 ms after each of three starts",
    cycles: 2,
    async cycle(context) {
      const { nats } = context.harness.servers;
      await sleepRandomly(context, 100, 600);
      for (const _ of [1, 2, 3]) {
        await nats.end("SIGKILL");
        await sleepRandomly(context, 50, 350);
      }
      await nats.end("SIGKILL");
      context.healed();
      await nats.ready();
    },
  },
  {
    name: "consumer killed",
    faults: [28],
    what: "SIGKILL of one of three consumers; what it held comes again after ack-wait (3 s here)",
    cycles: 3,
    cycle: (context) => kill(context, context.random.pick(context.harness.consumers).process),
  },
  {
    name: "PostgreSQL killed",
    faults: [36],
    what: "SIGKILL of the postmaster under load",
    cycles: 3,
    cycle: (context) => kill(context, context.harness.servers.postgres),
  },
  {
    name: "revenue-query killed",
    faults: [],
    what: "SIGKILL of revenue-query; reading is away meanwhile, receiving is not",
    cycles: 1,
    cycle: (context) => kill(context, context.harness.query.process),
  },
  {
    name: "graceful shutdown",
    faults: [26],
    what: "a consumer by SIGTERM, with exit code 0, then NATS by SIGTERM and PostgreSQL by SIGINT, under load",
    cycles: 1,
    async cycle(context) {
      const { consumers, servers } = context.harness;
      const { process } = context.random.pick(consumers);
      await sleepRandomly(context, 100, 400);
      const how = await process.end("SIGTERM");
      if (how !== "exit code 0")
        context.reportViolation("LIVE", `a consumer ended with ${how} after SIGTERM`);
      await servers.nats.end("SIGTERM");
      await servers.postgres.end("SIGINT");
      context.healed();
      await Promise.all([process, servers.nats, servers.postgres].map((one) => one.ready()));
    },
  },
  {
    name: "all four killed",
    faults: [1, 9, 28, 36],
    what: "in each cycle ingress, consumer, NATS and PostgreSQL are killed, each at a moment of its own within 0.8 s",
    cycles: 3,
    async cycle(context) {
      const { harness, random } = context;
      const victims = [
        context.random.pick(harness.ingresses).process,
        context.random.pick(harness.consumers).process,
        harness.servers.nats,
        harness.servers.postgres,
      ].map((process) => ({ process, afterMs: random.int(0, 800) }));
      await Promise.all(
        victims.map(async ({ process, afterMs }) => {
          await sleep(afterMs);
          await process.end("SIGKILL");
        }),
      );
      context.healed();
      await Promise.all(victims.map(({ process }) => process.ready()));
    },
  },
];
