import type { FaultCase } from "../fault-case.ts";
import { abuseBrokenBuilds, abuseCases } from "./abuse.ts";
import { bodyCases } from "./bodies.ts";
import { stallBrokenBuild, stallCases } from "./stalls.ts";
import { verificationCases } from "./verification.ts";
import { changedStreamCases } from "./changed-stream.ts";
import { clockCases, clockBrokenBuild } from "./clocks.ts";
import { consumerCases } from "./consumer.ts";
import { brokenBuildCases } from "./broken-builds.ts";
import { damagedStoreCases } from "./damaged-store.ts";
import { diskCases } from "./disks.ts";
import { failoverCases } from "./failover.ts";
import { failoverBrokenBuilds } from "./failover-broken-builds.ts";
import { duplicateCases } from "./duplicates.ts";
import { exhaustionBrokenBuild, exhaustionCases } from "./exhaustion.ts";
import { ingressCases } from "./ingress.ts";
import { kills } from "./kills.ts";
import { natsCases } from "./nats.ts";
import { natsClusterBrokenBuilds } from "./nats-cluster-broken-builds.ts";
import { natsClusterCases } from "./nats-cluster.ts";
import { natsReplicaCases } from "./nats-replicas.ts";
import { networkCases } from "./network.ts";
import { overloadCases } from "./overload.ts";
import { postgresCases } from "./postgres.ts";
import { restoreBrokenBuild, restoreCases } from "./restore.ts";
import { serviceClockBrokenBuild, serviceClockCases } from "./service-clocks.ts";
import { restoreBothCases } from "./restore-both.ts";
import { sessionCases } from "./sessions.ts";
import { sourceBrokenBuild, sourceCases } from "./sources.ts";
import { standbyCases } from "./standby.ts";
import { waitingCommitCases } from "./waiting-commits.ts";

/** All cases in the order in which they run; those that share an installation follow each other. */
export const allCases: readonly FaultCase[] = [
  ...kills,
  ...ingressCases,
  ...natsCases,
  ...natsClusterCases,
  ...natsReplicaCases,
  ...damagedStoreCases,
  ...consumerCases,
  ...changedStreamCases,
  ...postgresCases,
  ...networkCases,
  ...abuseCases,
  ...bodyCases,
  ...overloadCases,
  ...diskCases,
  ...sessionCases,
  ...duplicateCases,
  ...sourceCases,
  ...failoverCases,
  ...standbyCases,
  ...waitingCommitCases,
  ...clockCases,
  ...restoreCases,
  ...serviceClockCases,
  ...restoreBothCases,
  ...exhaustionCases,
  ...stallCases,
  ...verificationCases,
  ...brokenBuildCases,
  sourceBrokenBuild,
  ...abuseBrokenBuilds,
  ...natsClusterBrokenBuilds,
  clockBrokenBuild,
  restoreBrokenBuild,
  ...failoverBrokenBuilds,
  serviceClockBrokenBuild,
  exhaustionBrokenBuild,
  stallBrokenBuild,
];
