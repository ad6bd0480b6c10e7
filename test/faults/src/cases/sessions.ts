import type { FaultCase } from "../fault-case.ts";
import type { HarnessOptions } from "../harness.ts";
import { killUnderLoad } from "./steps.ts";

/** A URL, as a hosting provider might give it, that confirms commits before they are on the disk. */
const unsafeSettings: HarnessOptions = {
  databaseOptions: "-c synchronous_commit=off",
  // Keeps what a commit does not sync in the server's memory for long.
  postgresParameters: { wal_writer_delay: "10s", wal_writer_flush_after: "1GB", wal_buffers: "16MB" },
};

const killPostgres: FaultCase["cycle"] = (context) =>
  killUnderLoad(context, context.harness.servers.postgres, 500, 1_500);

/** Session settings from the URL. */
export const sessionCases: readonly FaultCase[] = [
  {
    title: "DATABASE_URL with synchronous_commit=off",
    numbers: [36],
    fault: "DATABASE_URL has `options` of its own, and the postmaster is killed",
    expectation: "what was acknowledged is there",
    harness: unsafeSettings,
    cycles: 2,
    cycle: killPostgres,
  },
  {
    title: "DATABASE_URL overrides session settings",
    numbers: [36],
    fault:
      "the same, with a consumer that lets the URL override its session settings and does not read them back",
    harness: { ...unsafeSettings, broken: { consumer: "url-overrides-settings" } },
    expectedViolation: "LOSS",
    cycles: 2,
    recoversWithinMs: 10_000,
    cycle: killPostgres,
  },
];
