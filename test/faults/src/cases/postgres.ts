import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { databaseUrl, nodeCommand, withClient } from "@takings/local";
import { RevenueQueryError } from "@takings/simulator";
import type { FaultCase } from "../fault-case.ts";
import { deliver, onNextBytes, replicaOf, sleep, sleepRandomly } from "./steps.ts";

/** PostgreSQL is cut off or locked, gets the same rows in several batches, or is migrated by five at once. */
export const postgresCases: readonly FaultCase[] = [
  {
    title: "connections to PostgreSQL reset",
    numbers: [36],
    fault: "all connections are reset, idle ones included",
    expectation: "no process ends",
    cycles: 2,
    async cycle(context) {
      const { consumers, query } = context.harness;
      const starts = (): number =>
        [...consumers, query].reduce((sum, { process }) => sum + process.starts(), 0);
      const before = starts();
      await sleepRandomly(context, 100, 400);
      for (const { postgres } of [...consumers, query]) postgres.cut();
      await sleep(300);
      if (starts() !== before)
        context.reportViolation("LIVE", "a process ended because of a lost connection");
    },
  },
  {
    title: "connection cut during COMMIT",
    numbers: [37],
    fault: "before COMMIT arrives, and after it is done but before the client knows",
    cycles: 6,
    async cycle(context) {
      const { postgres } = replicaOf(context.harness.consumers, context);
      const isDone = context.cycle % 2 === 1;
      await (isDone
        ? onNextBytes(postgres, "down", "COMMIT\0", () => "cut")
        : onNextBytes(postgres, "up", "commit\0", () => "cut"));
    },
  },
  {
    title: "PostgreSQL unreachable",
    numbers: [36],
    fault: "for 4 s every new connection of consumers and of revenue-query is refused",
    expectation: "revenue-query responds 503",
    async cycle(context) {
      const { consumers, query, reader } = context.harness;
      for (const { postgres } of [...consumers, query]) postgres.refuse();
      const refusals = reader.revenue({}).then(
        () => context.reportViolation("FAST", "revenue-query responded without a database"),
        (error: unknown) => {
          const is503 = error instanceof RevenueQueryError && error.status === 503;
          if (!is503) context.reportViolation("FAST", String(error));
        },
      );
      const late = delay(10_000, "late", { ref: false });
      if ((await Promise.race([refusals, late])) === "late")
        context.reportViolation("FAST", "revenue-query did not respond within 10 s");
      await sleep(3_000);
      for (const { postgres } of [...consumers, query]) postgres.heal();
    },
  },
  {
    title: "same events in several batches",
    numbers: [42],
    fault: "150 events, four times each after the duplicate window, over three consumers",
    expectation: "no deadlock",
    quiet: true,
    async cycle(context) {
      const { broker, servers } = context.harness;
      await broker.configureStream({ duplicate_window: 100 * 1e6 });
      const events = Array.from({ length: 150 }, () => context.sender.next());
      for (const _ of [1, 2, 3, 4]) {
        await Promise.all(context.random.shuffle(events).map((event) => deliver(context, event)));
      }
      await broker.configureStream();
      if (readFileSync(servers.postgres.logFile, "utf8").includes("deadlock detected"))
        context.reportViolation("BOUND", "PostgreSQL had to resolve a deadlock");
    },
  },
  {
    title: "tables locked",
    numbers: [43],
    fault: "an exclusive lock on events and ledger for 5 s, as a migration might hold",
    expectation: "batches are retried, nothing is acknowledged meanwhile",
    async cycle({ harness }) {
      await withClient(harness.servers.superuserUrl, async (client) => {
        await client.query("begin");
        await client.query("lock table takings.events, takings.ledger in access exclusive mode");
        await sleep(5_000);
        await client.query("rollback");
      });
    },
  },
  {
    title: "five migrators at once",
    numbers: [45],
    fault: "`takings migrate` five times at once on an empty database, one of them killed",
    expectation: "the same schema as always",
    quiet: true,
    async cycle(context) {
      const { servers, sql } = context.harness;
      await sql("create database migrated_by_five owner takings_migrator");
      const url = databaseUrl("migrator", { ...servers.postgresSettings, database: "migrated_by_five" });
      const ended = await Promise.all(
        [1, 2, 3, 4, 5].map((nth) => migrate(url, nth === 1 ? 700 : undefined)),
      );
      const failures = ended.filter((error) => error !== undefined);
      if (failures.length > 1) context.reportViolation("LIVE", `migrations failed: ${failures.join("; ")}`);
      const made = await schemaOf(servers.superuserUrl.replace(/[^/]*$/, "migrated_by_five"));
      if (made !== (await schemaOf(servers.superuserUrl)))
        context.reportViolation("ONCE", "five migrators created a different schema");
      await sql("drop database migrated_by_five with (force)");
    },
  },
];

/** Resolves with the error, if any. */
function migrate(url: string, killAfterMs: number | undefined): Promise<string | undefined> {
  return new Promise((resolve) => {
    const command = nodeCommand(["packages/cli/src/main.ts", "migrate"], { DATABASE_URL: url });
    const child = execFile(command.command, command.args, command, (error, _, stderr) =>
      resolve(error === null ? undefined : stderr || String(error.signal)),
    );
    if (killAfterMs !== undefined) setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  });
}

const schemaText = `
  select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns
  where table_schema = 'takings' order by 1, 2`;

async function schemaOf(url: string): Promise<string> {
  return withClient(url, async (client) => JSON.stringify((await client.query(schemaText)).rows));
}
