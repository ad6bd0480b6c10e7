import type { FaultCase, CaseContext } from "../fault-case.ts";
import type { HarnessOptions } from "../harness.ts";
import { sleepRandomly } from "./steps.ts";

/** A URL, as a hoster might give it out, that lets commits be confirmed before they are on the disk. */
const unsafeSettings: HarnessOptions = {
  databaseOptions: "-c synchronous_commit=off",
  // What is not synced by a commit stays in the server's memory for long.
  postgresParameters: { wal_writer_delay: "10s", wal_writer_flush_after: "1GB", wal_buffers: "16MB" },
};

async function killPostgres(context: CaseContext): Promise<void> {
  const { postgres } = context.harness.servers;
  await sleepRandomly(context, 500, 1_500);
  await postgres.end("SIGKILL");
  context.healed();
  await postgres.ready();
}

/** Settings that others give a session. */
export const sessionCases: readonly FaultCase[] = [
  {
    name: "URL that turns synchronous_commit off",
    faults: [36],
    what: "DATABASE_URL has options of its own, and the postmaster is killed: what was acknowledged is there",
    harness: unsafeSettings,
    cycles: 2,
    cycle: killPostgres,
  },
  {
    name: "URL overrides session settings",
    faults: [36],
    what: "the same with a consumer whose settings come before those of the URL and are not read back",
    harness: { ...unsafeSettings, broken: { consumer: "url-overrides-settings" } },
    expectedViolation: "LOSS",
    cycles: 2,
    recoversWithinMs: 10_000,
    cycle: killPostgres,
  },
];
