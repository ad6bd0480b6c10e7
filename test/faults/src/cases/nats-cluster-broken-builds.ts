import type { FaultCase } from "../fault-case.ts";
import { repeatInFlight } from "./nats-cluster.ts";
import { onCluster } from "./nats-cluster-steps.ts";
import { restartFollowerWithoutSync, withDrift } from "./nats-replicas.ts";

/** Builds that are wrong only with several NATS servers. Each case passes only when the run detects the violation. */
export const natsClusterBrokenBuilds: readonly FaultCase[] = [
  {
    title: "checks the connected NATS server only",
    numbers: [14],
    fault: "an ingress that checks only the server it is connected to; a follower restarts without sync",
    harness: async (workspace) => ({
      ...(await withDrift(workspace)),
      broken: { ingress: "checks-connected-server-only" },
    }),
    expectedViolation: "LOSS",
    quiet: true,
    recoversWithinMs: 10_000,
    cycle: restartFollowerWithoutSync,
  },
  {
    title: "takes an event in flight for a stored one",
    numbers: [19],
    fault:
      "an ingress that responds 200 when the leader has the event in flight; the leader is cut off from the others",
    harness: { ...onCluster, broken: { ingress: "trusts-events-in-flight" } },
    expectedViolation: "LOSS",
    quiet: true,
    recoversWithinMs: 10_000,
    cycle: repeatInFlight,
  },
];
