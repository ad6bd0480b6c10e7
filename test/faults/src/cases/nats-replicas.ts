import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAccepted } from "@takings/simulator";
import { eventually } from "@takings/testkit";
import type { CaseContext, CaseWorkspace, FaultCase } from "../fault-case.ts";
import { type Disk, smallDisk } from "../disk.ts";
import type { HarnessOptions } from "../harness.ts";
import type { NatsServer } from "../nats-cluster.ts";
import { clusterOf, expectRefusals, leaderOf, moveLeader, onCluster } from "./nats-cluster-steps.ts";
import { sleep } from "./steps.ts";

/** Docs say how long a follower that restarted without sync may go unnoticed. */
const windowMs = 3_000;

/** The name of the server that starts with its default sync, or an empty file. */
const driftFile = (dir: string): string => join(dir, "server-without-sync");

/** The harness of a case in which a server restarts without sync. */
export async function withDrift({ dir }: CaseWorkspace): Promise<HarnessOptions> {
  writeFileSync(driftFile(dir), "");
  return {
    ...onCluster,
    ingresses: 1,
    natsRewrite(config) {
      const name = readFileSync(driftFile(dir), "utf8");
      return config.includes(`server_name: "${name}"`) ? config.replace("sync_interval: always", "") : config;
    },
  };
}

/** One of three NATS servers has other settings, a full disk, or other files than the others. */
export const natsReplicaCases: readonly FaultCase[] = [
  {
    title: "NATS follower restarted with another sync_interval",
    numbers: [14],
    fault:
      "one of three NATS servers, to which ingress is not connected, restarts without `sync_interval: always`",
    expectation: "within 3 s ingress becomes unready and responds 503 until that is repaired",
    harness: withDrift,
    quiet: true,
    cycle: restartFollowerWithoutSync,
  },
  fullDiskOfOne(),
  {
    title: "store of one of three NATS servers lost",
    numbers: [24],
    fault: "a follower restarts with an empty store, catches up, and becomes the leader",
    harness: onCluster,
    onRequest: true,
    async cycle(context) {
      const { followers } = await leaderOf(context);
      const [server] = followers;
      if (server === undefined) throw new Error("no follower");
      server.process.hold();
      await server.process.end("SIGTERM");
      rmSync(server.storeDir, { recursive: true });
      server.process.release();
      await server.process.ready();
      await moveLeader(context, server);
    },
  },
];

function fullDiskOfOne(): FaultCase {
  let disk: Disk | undefined;
  return {
    title: "disk full on one of three NATS servers",
    numbers: [23],
    fault:
      "the disk of a follower, in the second cycle of the leader, is full for 8 s; the server is restarted afterwards",
    async harness(workspace) {
      disk = smallDisk(workspace, "nats-disk", 64);
      return { ...onCluster, natsDir: disk.path };
    },
    cycles: 2,
    onRequest: true,
    async cycle(context) {
      const [server, other] = clusterOf(context).servers;
      if (disk === undefined || server === undefined || other === undefined)
        throw new Error("no disk or no servers");
      await moveLeader(context, context.cycle % 2 === 0 ? other : server);
      disk.fill();
      await sleep(8_000);
      disk.free();
      await server.process.end("SIGTERM");
      context.healed();
      await server.process.ready();
    },
  };
}

/** Ingress checks each server that holds a replica, also those that it is not connected to. */
export async function restartFollowerWithoutSync(context: CaseContext): Promise<void> {
  const { harness, sender, reportViolation, history } = context;
  const [ingress] = harness.ingresses;
  if (ingress === undefined) throw new Error("no ingress");
  const follower = await followerWithoutClient(context);
  writeFileSync(driftFile(harness.dir), follower.name);
  await follower.process.end("SIGTERM");
  await eventually(
    `${follower.name} to respond`,
    async () => (await fetch(`${follower.monitorUrl}/varz`)).ok,
  );
  const began = performance.now();
  let acceptedMs = 0;
  // Requests that are sent later than the window must be refused.
  while (performance.now() - began < windowMs + 2_000) {
    const sentMs = performance.now() - began;
    if (isAccepted(await sender.attempt(sender.next()))) acceptedMs = sentMs;
    await sleep(20);
  }
  history.write({ what: "note", text: `last 2xx ${Math.round(acceptedMs)} ms after the restart` });
  if (acceptedMs > windowMs)
    reportViolation("LOSS", `2xx ${Math.round(acceptedMs)} ms after ${follower.name} restarted without sync`);
  else {
    await eventually("ingress to be unready", async () => !(await ingress.process.isReady()));
    await expectRefusals(context, "while a follower does not sync");
  }
  writeFileSync(driftFile(harness.dir), "");
  await follower.process.end("SIGTERM");
}

/** A follower to which ingress is not connected. */
async function followerWithoutClient(context: CaseContext): Promise<NatsServer> {
  const { followers } = await leaderOf(context);
  const [ingress] = context.harness.ingresses;
  const log = readFileSync(ingress?.process.logFile ?? "", "utf8");
  const connected = [...log.matchAll(/"server":"[^"]*:(\d+)","msg":"nats_connected"/g)].at(-1)?.[1];
  const found = followers.find(({ clients }) => String(clients.port) !== connected);
  if (connected === undefined || found === undefined) throw new Error("no follower without a client");
  return found;
}
