import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "@takings/local";
import type { Case, Place, Stage } from "../case.ts";
import { type CuttableDisk, cuttableDisk, type Disk, smallDisk } from "../disk.ts";
import type { Part } from "../part.ts";
import type { RigOptions } from "../rig.ts";
import { aWhile, lasting } from "./steps.ts";

/** The disks of the case that is running: a case and its installation are made at different moments. */
type Disks<T> = { current?: T };

const power: Disks<CuttableDisk> = {};
const full: Disks<{ readonly nats: Disk; readonly postgres: Disk }> = {};

/** NATS and PostgreSQL on one disk whose power can be cut. */
export async function onOneDisk(place: Place, more: RigOptions = {}): Promise<RigOptions> {
  const disk = cuttableDisk(place, "disk", 400);
  power.current = disk;
  const [natsDir, postgresDir] = [join(disk.path, "nats"), join(disk.path, "postgres")];
  mkdirSync(natsDir);
  mkdirSync(postgresDir);
  return { natsDir, postgresDir, ...more };
}

/** Both servers are killed and everything that they had not synced is gone. */
export async function cutPower(stage: Stage): Promise<void> {
  const { nats, postgres } = stage.rig.servers;
  const servers: readonly Part[] = [nats, postgres];
  await aWhile(stage, 300, 900);
  for (const part of servers) part.hold();
  await Promise.all(servers.map((part) => part.end("SIGKILL")));
  await eventually("the disk to be left", () => {
    power.current?.cutPower();
    return true;
  });
  stage.healed();
  for (const part of servers) part.release();
  await Promise.all(servers.map((part) => part.ready()));
}

/** Power failures and full disks. */
export const diskCases: readonly Case[] = [
  {
    name: "power cut",
    faults: [13],
    what: "NATS and PostgreSQL killed, and everything thrown away that they had not synced",
    rig: (place) => onOneDisk(place),
    cycles: 4,
    cycle: cutPower,
  },
  {
    name: "disks full",
    faults: [22, 44],
    what: "PostgreSQL's disk is full for 3 s, then that of NATS, which has to be started again afterwards",
    rig: async (place) => {
      full.current = { nats: smallDisk(place, "nats", 64), postgres: smallDisk(place, "postgres", 400) };
      return { natsDir: full.current.nats.path, postgresDir: full.current.postgres.path };
    },
    cycles: 1,
    async cycle(stage) {
      const { current } = full;
      const { nats } = stage.rig.servers;
      await aWhile(stage, 200, 500);
      current?.postgres.fill();
      await lasting(3_000);
      current?.postgres.free();
      current?.nats.fill();
      await lasting(5_000);
      current?.nats.free();
      // A stream that met a write error stands still until the server starts again: the runbook's one step.
      await nats.end("SIGTERM");
      await nats.ready();
    },
  },
];
