import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "@takings/testkit";
import type { FaultCase, CaseWorkspace, CaseContext } from "../fault-case.ts";
import { type CuttableDisk, cuttableDisk, type Disk, smallDisk } from "../disk.ts";
import type { SupervisedProcess } from "../supervised-process.ts";
import type { HarnessOptions } from "../harness.ts";
import { perInstallation } from "../per-installation.ts";
import { sleepRandomly, sleep } from "./steps.ts";

const cuttable = perInstallation<CuttableDisk>();
const small = perInstallation<{ readonly nats: Disk; readonly postgres: Disk }>();

/** NATS and PostgreSQL on one disk that can lose power. */
export async function onOneDisk(
  workspace: CaseWorkspace,
  more: HarnessOptions = {},
): Promise<HarnessOptions> {
  const disk = cuttable.set(workspace, cuttableDisk(workspace, "disk", 400));
  const [natsDir, postgresDir] = [join(disk.path, "nats"), join(disk.path, "postgres")];
  mkdirSync(natsDir);
  mkdirSync(postgresDir);
  return { natsDir, postgresDir, ...more };
}

/** Kills both servers and discards everything that they had not synced. */
export async function cutPower(context: CaseContext): Promise<void> {
  const { nats, postgres } = context.harness.servers;
  await sleepRandomly(context, 300, 900);
  await cutPowerOf(context, cuttable.of(context.harness), [nats, postgres]);
}

/** Kills the processes that use a disk and discards everything that they had not synced. */
export async function cutPowerOf(
  { healed }: CaseContext,
  disk: CuttableDisk,
  processes: readonly SupervisedProcess[],
): Promise<void> {
  for (const process of processes) process.hold();
  await Promise.all(processes.map((process) => process.end("SIGKILL")));
  await eventually("the disk to be unused", () => {
    disk.cutPower();
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
      const { nats, postgres } = small.set(workspace, {
        nats: smallDisk(workspace, "nats", 64),
        postgres: smallDisk(workspace, "postgres", 400),
      });
      return { natsDir: nats.path, postgresDir: postgres.path };
    },
    async cycle(context) {
      const disks = small.of(context.harness);
      const { nats } = context.harness.servers;
      await sleepRandomly(context, 200, 500);
      disks.postgres.fill();
      await sleep(3_000);
      disks.postgres.free();
      disks.nats.fill();
      await sleep(5_000);
      disks.nats.free();
      // After a write error a stream stays closed until the server restarts, as the runbook says.
      await nats.end("SIGTERM");
      await nats.ready();
    },
  },
];
