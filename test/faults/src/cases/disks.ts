import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "@takings/testkit";
import type { FaultCase, CaseWorkspace, CaseContext } from "../fault-case.ts";
import { type CuttableDisk, cuttableDisk, type Disk, smallDisk } from "../disk.ts";
import type { SupervisedProcess } from "../supervised-process.ts";
import type { HarnessOptions } from "../harness.ts";
import { sleepRandomly, sleep } from "./steps.ts";

/** The disks of the case that is running: a case and its installation are made at different moments. */
type Disks<T> = { current?: T };

const power: Disks<CuttableDisk> = {};
const full: Disks<{ readonly nats: Disk; readonly postgres: Disk }> = {};

/** NATS and PostgreSQL on one disk whose power can be cut. */
export async function onOneDisk(
  workspace: CaseWorkspace,
  more: HarnessOptions = {},
): Promise<HarnessOptions> {
  const disk = cuttableDisk(workspace, "disk", 400);
  power.current = disk;
  const [natsDir, postgresDir] = [join(disk.path, "nats"), join(disk.path, "postgres")];
  mkdirSync(natsDir);
  mkdirSync(postgresDir);
  return { natsDir, postgresDir, ...more };
}

/** Both servers are killed and everything that they had not synced is gone. */
export async function cutPower(context: CaseContext): Promise<void> {
  const { nats, postgres } = context.harness.servers;
  const servers: readonly SupervisedProcess[] = [nats, postgres];
  await sleepRandomly(context, 300, 900);
  for (const process of servers) process.hold();
  await Promise.all(servers.map((process) => process.end("SIGKILL")));
  await eventually("the disk to be left", () => {
    power.current?.cutPower();
    return true;
  });
  context.healed();
  for (const process of servers) process.release();
  await Promise.all(servers.map((process) => process.ready()));
}

/** Power failures and full disks. */
export const diskCases: readonly FaultCase[] = [
  {
    name: "power cut",
    faults: [13],
    what: "NATS and PostgreSQL killed, and everything thrown away that they had not synced",
    harness: (workspace) => onOneDisk(workspace),
    cycles: 4,
    cycle: cutPower,
  },
  {
    name: "disks full",
    faults: [22, 44],
    what: "PostgreSQL's disk is full for 3 s, then that of NATS, which has to be started again afterwards",
    harness: async (workspace) => {
      full.current = {
        nats: smallDisk(workspace, "nats", 64),
        postgres: smallDisk(workspace, "postgres", 400),
      };
      return { natsDir: full.current.nats.path, postgresDir: full.current.postgres.path };
    },
    cycles: 1,
    async cycle(context) {
      const { current } = full;
      const { nats } = context.harness.servers;
      await sleepRandomly(context, 200, 500);
      current?.postgres.fill();
      await sleep(3_000);
      current?.postgres.free();
      current?.nats.fill();
      await sleep(5_000);
      current?.nats.free();
      // A stream that met a write error stands still until the server starts again: the runbook's one step.
      await nats.end("SIGTERM");
      await nats.ready();
    },
  },
];
