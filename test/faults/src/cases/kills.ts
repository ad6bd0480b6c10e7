import type { Case, Stage } from "../case.ts";
import type { Part } from "../part.ts";
import { aWhile, lasting, oneOf } from "./steps.ts";

/** Kills a process under load; what follows is its own recovery. */
async function kill(stage: Stage, part: Part): Promise<void> {
  await aWhile(stage, 100, 600);
  await part.end("SIGKILL");
  stage.healed();
  await part.ready();
}

/** Every part killed again and again while events come in. */
export const kills: readonly Case[] = [
  {
    name: "ingress killed",
    faults: [1],
    what: "SIGKILL of one of two ingress processes, at times of both",
    cycles: 3,
    async cycle(stage) {
      const both = stage.random.chance(0.3);
      const victims = stage.rig.ingresses.filter((_, index) => both || index === stage.cycle % 2);
      await aWhile(stage, 100, 600);
      await Promise.all(victims.map(({ part }) => part.end("SIGKILL")));
      stage.healed();
      await Promise.all(victims.map(({ part }) => part.ready()));
    },
  },
  {
    name: "NATS killed",
    faults: [9],
    what: "SIGKILL of nats-server under load",
    cycles: 4,
    cycle: (stage) => kill(stage, stage.rig.servers.nats),
  },
  {
    name: "NATS killed while it recovers",
    faults: [11],
    what: "SIGKILL again 0 to 300 ms after each of three starts",
    cycles: 2,
    async cycle(stage) {
      const { nats } = stage.rig.servers;
      await aWhile(stage, 100, 600);
      for (const _ of [1, 2, 3]) {
        await nats.end("SIGKILL");
        await aWhile(stage, 50, 350);
      }
      await nats.end("SIGKILL");
      stage.healed();
      await nats.ready();
    },
  },
  {
    name: "consumer killed",
    faults: [28],
    what: "SIGKILL of one of three consumers; what it held comes again after ack-wait (3 s here)",
    cycles: 3,
    cycle: (stage) => kill(stage, oneOf(stage, stage.rig.consumers).part),
  },
  {
    name: "PostgreSQL killed",
    faults: [36],
    what: "SIGKILL of the postmaster under load",
    cycles: 3,
    cycle: (stage) => kill(stage, stage.rig.servers.postgres),
  },
  {
    name: "revenue-query killed",
    faults: [],
    what: "SIGKILL of revenue-query; reading is away meanwhile, receiving is not",
    cycles: 1,
    cycle: (stage) => kill(stage, stage.rig.query.part),
  },
  {
    name: "stopped in good order",
    faults: [26],
    what: "a consumer by SIGTERM, with exit code 0, then NATS by SIGTERM and PostgreSQL by SIGINT, under load",
    cycles: 1,
    async cycle(stage) {
      const { consumers, servers } = stage.rig;
      const { part } = oneOf(stage, consumers);
      await aWhile(stage, 100, 400);
      const how = await part.end("SIGTERM");
      if (how !== "exit code 0") stage.violate("LIVE", `a consumer ended with ${how} after SIGTERM`);
      await servers.nats.end("SIGTERM");
      await servers.postgres.end("SIGINT");
      stage.healed();
      await Promise.all([part, servers.nats, servers.postgres].map((one) => one.ready()));
    },
  },
  {
    name: "all four killed",
    faults: [1, 9, 28, 36],
    what: "in each cycle ingress, consumer, NATS and PostgreSQL are killed, each at a moment of its own within 0.8 s",
    cycles: 3,
    async cycle(stage) {
      const { rig, random } = stage;
      const victims = [
        oneOf(stage, rig.ingresses).part,
        oneOf(stage, rig.consumers).part,
        rig.servers.nats,
        rig.servers.postgres,
      ].map((part) => ({ part, afterMs: random.int(0, 800) }));
      await Promise.all(
        victims.map(async ({ part, afterMs }) => {
          await lasting(afterMs);
          await part.end("SIGKILL");
        }),
      );
      stage.healed();
      await Promise.all(victims.map(({ part }) => part.ready()));
    },
  },
];
