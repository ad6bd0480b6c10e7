import type { FaultCase } from "../fault-case.ts";
import { killUnderLoad, sleepRandomly, sleep } from "./steps.ts";

/** Every process is killed repeatedly while events arrive. */
export const kills: readonly FaultCase[] = [
  {
    title: "ingress killed",
    numbers: [1],
    fault: "SIGKILL of one of two ingress replicas, sometimes of both",
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
    title: "NATS killed",
    numbers: [9],
    fault: "SIGKILL of nats-server under load",
    cycles: 4,
    cycle: (context) => killUnderLoad(context, context.harness.servers.nats),
  },
  {
    title: "NATS killed during recovery",
    numbers: [11],
    fault: "SIGKILL again up to 300 ms after each of three starts",
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
    title: "consumer killed",
    numbers: [28],
    fault: "SIGKILL of one of three consumers",
    expectation: "its batch is redelivered after ack-wait (3 s here)",
    cycles: 3,
    cycle: (context) => killUnderLoad(context, context.random.pick(context.harness.consumers).process),
  },
  {
    title: "PostgreSQL killed",
    numbers: [36],
    fault: "SIGKILL of the postmaster under load",
    cycles: 3,
    cycle: (context) => killUnderLoad(context, context.harness.servers.postgres),
  },
  {
    title: "revenue-query killed",
    numbers: [],
    fault: "SIGKILL of revenue-query",
    expectation: "ingestion continues",
    cycle: (context) => killUnderLoad(context, context.harness.query.process),
  },
  {
    title: "graceful shutdown",
    numbers: [26],
    fault: "SIGTERM of a consumer, then SIGTERM of NATS and SIGINT of PostgreSQL, under load",
    expectation: "exit code 0",
    async cycle(context) {
      const { consumers, servers } = context.harness;
      const { process } = context.random.pick(consumers);
      await sleepRandomly(context, 100, 400);
      const how = await process.end("SIGTERM");
      if (how !== "exit code 0") context.reportViolation("LIVE", `a consumer ended with ${how} on SIGTERM`);
      await servers.nats.end("SIGTERM");
      await servers.postgres.end("SIGINT");
      context.healed();
      await Promise.all([process, servers.nats, servers.postgres].map((one) => one.ready()));
    },
  },
  {
    title: "all four killed",
    numbers: [1, 9, 28, 36],
    fault:
      "per cycle, SIGKILL of one ingress, one consumer, NATS and PostgreSQL, each at a random moment within 0.8 s",
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
