import type { FaultCase } from "../fault-case.ts";
import { killPrimary, pairOf } from "./failover.ts";
import { sleep } from "./steps.ts";
import { loseWaitingCommits } from "./waiting-commits.ts";

const common = { expectedViolation: "LOSS", recoversWithinMs: 15_000 } as const;

/** Builds and settings that lose events in a failover. Each passes only when the run detects that. */
export const failoverBrokenBuilds: readonly FaultCase[] = [
  {
    ...common,
    title: "ignores the warning of COMMIT",
    numbers: [38],
    fault:
      "a consumer that acknowledges although COMMIT warns; a commit that waits is canceled, then failover",
    harness: { standby: "synchronous", broken: { consumer: "ignores-commit-warning" } },
    quiet: true,
    cycle: (context) => loseWaitingCommits(context, "is canceled"),
  },
  {
    ...common,
    title: "writes nothing for duplicates",
    numbers: [40],
    fault:
      "a consumer whose transaction writes nothing if all events are known; commits survive a crash of the primary, then failover",
    harness: { standby: "synchronous", broken: { consumer: "writes-nothing-for-duplicates" } },
    quiet: true,
    cycle: (context) => loseWaitingCommits(context, "survives a crash of the primary"),
  },
  {
    ...common,
    title: "tells what only a restarted primary has",
    numbers: [40],
    fault:
      "every run of the server counts as the same; commits survive a crash of the primary and are told, then failover",
    harness: { standby: "synchronous" },
    expectedViolation: "ONCE",
    quiet: true,
    async cycle(context) {
      await context.harness.sql(
        "create or replace function takings.server_run() returns timestamptz[] language sql return '{}'::timestamptz[]",
      );
      await loseWaitingCommits(context, "survives a crash of the primary");
    },
  },
  {
    ...common,
    title: "asynchronous standby",
    numbers: [41],
    fault: "commits wait for no standby; the standby is behind when the primary is killed",
    harness: { standby: "asynchronous" },
    async cycle(context) {
      const pair = pairOf(context);
      const { process } = pair.standby();
      process.hold();
      await process.end("SIGINT");
      await sleep(1_500);
      await killPrimary(pair);
      process.release();
      await pair.promote();
      await pair.copyStandby();
    },
  },
];
