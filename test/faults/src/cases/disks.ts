import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "@takings/testkit";
import type { FaultCase, CaseWorkspace, CaseContext } from "../fault-case.ts";
import { type CuttableDisk, cuttableDisk, type Disk, smallDisk } from "../disk.ts";
import type { SupervisedProcess } from "../supervised-process.ts";
import type { HarnessOptions } from "../harness.ts";
import { sleepRandomly, sleep } from "./steps.ts";

/** The disks of the running case: a case and its installation are created at different moments. */
type Disks<T> = { current?: T };

const power: Disks<CuttableDisk> = {};
const full: Disks<{ readonly nats: Disk; readonly postgres: Disk }> = {};

/** NATS and PostgreSQL on one disk that can lose power. */
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

/** Kills both servers and discards everything that they had not synced. */
export async function cutPower(context: CaseContext): Promise<void> {
  const { nats, postgres } = context.harness.servers;
  await sleepRandomly(context, 300, 900);
  await cutPowerOf(context, power.current, [nats, postgres]);
}

/** Kills the processes that use a disk and discards everything that they had not synced. */
export async function cutPowerOf(
  { healed }: CaseContext,
  disk: CuttableDisk | undefined,
  processes: readonly SupervisedProcess[],
): Promise<void> {
  for (const process of processes) process.hold();
  await Promise.all(processes.map((process) => process.end("SIGKILL")));
  await eventually("the disk to be unused", () => {
    disk?.cutPower();
    return true;
  });
  healed();
  for (const process of processes) process.release();
  await Promise.all(processes.map((process) => process.ready()));
}

/** Power failures and full disks. */
export const diskCases: readonly FaultCase[] = [
  {
    title: "power cut",
    numbers: [13],
    fault: "NATS and PostgreSQL are killed and lose everything that they had not synced",
    harness: (workspace) => onOneDisk(workspace),
    cycles: 4,
    cycle: cutPower,
  },
  {
    title: "disks full",
    numbers: [22, 44],
    fault: "PostgreSQL's disk is full for 3 s, then the disk of NATS for 5 s; NATS is restarted afterwards",
    expectation: "503 meanwhile; recovery once there is space",
    harness: async (workspace) => {
      full.current = {
        nats: smallDisk(workspace, "nats", 64),
        postgres: smallDisk(workspace, "postgres", 400),
      };
      return { natsDir: full.current.nats.path, postgresDir: full.current.postgres.path };
    },
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
      // After a write error a stream stays closed until the server restarts, as the runbook says.
      await nats.end("SIGTERM");
      await nats.ready();
    },
  },
];
