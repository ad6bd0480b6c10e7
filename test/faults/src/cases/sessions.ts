import type { Case, Stage } from "../case.ts";
import type { RigOptions } from "../rig.ts";
import { aWhile } from "./steps.ts";

/** A URL, as a hoster might give it out, that lets commits be confirmed before they are on the disk. */
const careless: RigOptions = {
  databaseOptions: "-c synchronous_commit=off",
  // What is not synced by a commit stays in the server's memory for long.
  postgresParameters: { wal_writer_delay: "10s", wal_writer_flush_after: "1GB", wal_buffers: "16MB" },
};

async function killPostgres(stage: Stage): Promise<void> {
  const { postgres } = stage.rig.servers;
  await aWhile(stage, 500, 1_500);
  await postgres.end("SIGKILL");
  stage.healed();
  await postgres.ready();
}

/** Settings that others give a session. */
export const sessionCases: readonly Case[] = [
  {
    name: "URL that switches synchronous commits off",
    faults: [36],
    what: "DATABASE_URL has options of its own, and the postmaster is killed: what was acknowledged is there",
    rig: careless,
    cycles: 2,
    cycle: killPostgres,
  },
  {
    name: "lets the URL decide",
    faults: [36],
    what: "the same with a consumer whose settings come before those of the URL and are not read back",
    rig: { ...careless, broken: { consumer: "lets-the-url-decide" } },
    mustViolate: "LOSS",
    cycles: 2,
    recoversWithinMs: 10_000,
    cycle: killPostgres,
  },
];
