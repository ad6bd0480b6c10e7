import { countPrunablePayloads, readRecordedTime, readRollupLag } from "@takings/postgres";
import { type Environment, parseEnv } from "@takings/runtime";
import { pruneSettings } from "../../payloads/payloads-command.ts";
import { type Check, notAsked, ok, todo } from "../check.ts";
import type { Connections } from "../connections.ts";
import { databaseCheck } from "./database-check.ts";

/** As the alerts TakingsRecordingStuck and TakingsRecordedTimeAhead. */
const recordingLimitSeconds = 60;
/** A consumer adds up what it stored after seconds; after an outage it takes minutes. */
const rollupLimitSeconds = 600;
/** The job runs daily, and one run may fail. */
const pruneGraceDays = 2;

/** Whether recorded time, the sums that are kept and the retention of bodies go on. */
export function storeChecks(connections: Connections, environment: Environment): readonly Check[] {
  return [
    databaseCheck(connections, "database/recorded-time", async ({ pool }) => {
      const { oldestSeconds, aheadSeconds } = await readRecordedTime(pool);
      if (oldestSeconds > recordingLimitSeconds)
        return todo(
          `a recording has been open for ${Math.round(oldestSeconds)} s, so revenue-query answers 503`,
          "docs/runbooks/TakingsRecordingStuck.md",
        );
      if (aheadSeconds > recordingLimitSeconds)
        return todo(
          `recorded time is ${Math.round(aheadSeconds)} s ahead of the database's clock`,
          "docs/runbooks/TakingsRecordedTimeAhead.md",
        );
      return ok("no recording is stuck, and recorded time is not ahead");
    }),
    databaseCheck(connections, "database/rollup", async ({ pool }) => {
      const { ledgerSeconds, balanceSeconds } = await readRollupLag(pool);
      const worst = Math.max(ledgerSeconds, balanceSeconds);
      if (worst <= rollupLimitSeconds)
        return ok(`nothing older than ${Math.ceil(worst)} s waits to be added up`);
      return todo(
        `changes of ${Math.round(worst)} s ago are not added up, so queries become slow`,
        "check that a consumer runs: docs/runbooks/TakingsConsumerStalled.md",
      );
    }),
    databaseCheck(connections, "database/bodies", async ({ pool }) => {
      const days = parseEnv(
        pruneSettings.pick({ PAYLOAD_RETENTION_DAYS: true }),
        environment,
      ).PAYLOAD_RETENTION_DAYS;
      if (days === undefined) return notAsked("PAYLOAD_RETENTION_DAYS is not set, so bodies are kept");
      const overdue = await countPrunablePayloads(pool, days + pruneGraceDays);
      return overdue === 0
        ? ok(`no body is kept longer than ${days} days`)
        : todo(`${overdue} bodies are older than ${days} days`, "run takings payloads prune daily");
    }),
  ];
}
