import { writeFile } from "node:fs/promises";
import { explain } from "@takings/local";
import { Command, InvalidArgumentError } from "commander";
import { type BalanceLoadOptions, benchBalanceLoad } from "./balance/load.ts";
import { benchBalance } from "./balance.ts";
import { benchDrain } from "./drain.ts";
import { benchHostile, type HostileBenchOptions } from "./hostile.ts";
import { benchIngest } from "./ingest.ts";
import { benchPage } from "./page.ts";
import { benchPath } from "./path.ts";
import { requireQuietMachine } from "./process-use.ts";
import { benchRevenue } from "./revenue.ts";
import { benchSoak } from "./soak.ts";
import type { Measurement } from "./statistics.ts";
import { benchTieOut } from "./tie-out.ts";
import { benchTracing } from "./tracing.ts";

const program = new Command("bench")
  .description("Measures Takings on temporary servers of its own.")
  .option("--quiet-check", "refuse to measure while the machine does other work")
  .hook("preAction", async () => {
    if (program.opts<{ quietCheck?: true }>().quietCheck) await requireQuietMachine();
  });

program
  .command("revenue")
  .description("response times of revenue, and their cost for writers and the disk")
  .option("--entries <counts>", "sizes of the ledger, ascending", ascendingCounts, [1_000_000, 10_000_000])
  .option("--json <file>", "also write the numbers to this file")
  .action(({ entries, json }: { entries: number[]; json?: string }) =>
    measured(json, () => benchRevenue({ entries, say })),
  );

program
  .command("balance")
  .description("response times of answers about the balance")
  .option("--transactions <count>", "size of the balance ledger", wholeNumber, 10_000_000)
  .option("--sources <count>", "how many sources have them, with the same ids of payouts", wholeNumber, 1)
  .option("--json <file>", "also write the numbers to this file")
  .action(({ json, ...options }: { transactions: number; sources: number; json?: string }) =>
    measured(json, () => benchBalance({ ...options, say })),
  );

program
  .command("page")
  .description("how soon a slow browser shows the page, and what rendering costs beside the queries")
  .option("--entries <count>", "size of the ledger", wholeNumber, 10_000_000)
  .option("--json <file>", "also write the numbers to this file")
  .action(({ entries, json }: { entries: number; json?: string }) =>
    measured(json, () => benchPage({ entries, say })),
  );

program
  .command("ingest")
  .description("how fast webhooks are stored, compared with common alternatives")
  .option("--rounds <count>", "how often everything is measured", wholeNumber, 5)
  .option("--seconds <count>", "duration of each measurement", wholeNumber, 2)
  .option("--json <file>", "also write the numbers to this file")
  .action(({ rounds, seconds, json }: { rounds: number; seconds: number; json?: string }) =>
    measured(json, () => benchIngest({ rounds, ms: seconds * 1_000, say })),
  );

program
  .command("hostile")
  .description("webhooks answered, and how fast, among clients that try to stop ingress")
  .option("--rounds <count>", "how often everything is measured", wholeNumber, 3)
  .option("--seconds <count>", "duration of each measurement", wholeNumber, 10)
  .option("--rate <count>", "webhooks per second", wholeNumber, 20)
  .option("--idle <count>", "clients that connect and send nothing", wholeNumber, 1_000)
  .option("--slow <count>", "clients that send byte by byte, or a part of a body", wholeNumber, 1_000)
  .option("--json <file>", "also write the numbers to this file")
  .action(({ json, ...options }: Omit<HostileBenchOptions, "say"> & { json?: string }) =>
    measured(json, () => benchHostile({ ...options, say })),
  );

program
  .command("drain")
  .description("how fast a backlog is committed, compared with COPY of the same rows")
  .option("--rounds <count>", "how often everything is measured", wholeNumber, 3)
  .option("--events <count>", "size of the backlog", wholeNumber, 200_000)
  .option("--json <file>", "also write the numbers to this file")
  .action(({ rounds, events, json }: { rounds: number; events: number; json?: string }) =>
    measured(json, () => benchDrain({ rounds, events, say })),
  );

program
  .command("path")
  .description("throughput of the whole path, and the delay until a payment is in the revenue")
  .option("--rounds <count>", "how often everything is measured", wholeNumber, 3)
  .option("--seconds <count>", "duration of each measurement", wholeNumber, 20)
  .option("--json <file>", "also write the numbers to this file")
  .action(({ rounds, seconds, json }: { rounds: number; seconds: number; json?: string }) =>
    measured(json, () => benchPath({ rounds, ms: seconds * 1_000, say })),
  );

program
  .command("soak")
  .description("memory of the services under constant load, first with a backlog")
  .option("--minutes <count>", "duration", wholeNumber, 10)
  .option("--rate <count>", "webhooks per second", wholeNumber, 500)
  .option("--backlog <count>", "events that are stored on the stream first", wholeNumber, 1_000_000)
  .option("--json <file>", "also write the numbers to this file")
  .action(({ json, ...options }: { minutes: number; rate: number; backlog: number; json?: string }) =>
    measured(json, () => benchSoak({ ...options, say })),
  );

program
  .command("balance-load")
  .description("load of a history with takings balance sync, compared in every answer")
  .option("--transactions <count>", "transactions of the history", wholeNumber, 1_000_000)
  .option("--days <count>", "length of the history", wholeNumber, 365)
  .option("--ranges <count>", "random ranges that are compared", wholeNumber, 1_000)
  .option("--kills <count>", "times that a sync is killed before one may finish", Number, 0)
  .option("--latency <ms>", "milliseconds before each answer of Stripe", Number, 0)
  .option("--mutations <count>", "changed reports that takings tie-out must name", Number, 0)
  .option("--seed <number>", "of the history", wholeNumber, 1)
  .option("--json <file>", "also write the numbers to this file")
  .action(({ json, ...options }: Omit<BalanceLoadOptions, "say"> & { json?: string }) =>
    measured(json, () => benchBalanceLoad({ ...options, say })),
  );

program
  .command("tie-out")
  .description("time and memory of comparing a large report with the ledger")
  .option("--rows <count>", "rows of the report", wholeNumber, 1_000_000)
  .option("--json <file>", "also write the numbers to this file")
  .action(({ rows, json }: { rows: number; json?: string }) =>
    measured(json, () => benchTieOut({ rows, say })),
  );

program
  .command("tracing")
  .description("cost of tracing in ingress: off, 1 % and 100 % in turns")
  .option("--rounds <count>", "how often each is measured", Number, 5)
  .action(async ({ rounds }: { rounds: number }) => {
    const measurements = await benchTracing({ rounds, ms: 4_000, env: process.env, say });
    process.stdout.write(`${table(measurements).join("\n")}\n`);
  });

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`bench: ${explain(error)}\n`);
  process.exitCode = 1;
}

async function measured(
  json: string | undefined,
  measure: () => Promise<readonly Measurement[]>,
): Promise<void> {
  // Before the measurements, so that a file that cannot be written is reported at once.
  if (json !== undefined) await writeFile(json, "[]\n");
  const measurements = await measure();
  process.stdout.write(`${table(measurements).join("\n")}\n`);
  if (json !== undefined) await writeFile(json, `${JSON.stringify(measurements, null, 2)}\n`);
}

function wholeNumber(text: string): number {
  const [count] = ascendingCounts(text);
  if (count === undefined) throw new InvalidArgumentError("Give a whole number.");
  return count;
}

function ascendingCounts(text: string): number[] {
  const counts = text.split(",").map(Number);
  const isGood = counts.every(
    (count, n) => Number.isSafeInteger(count) && count > 0 && count > (counts[n - 1] ?? 0),
  );
  if (isGood) return counts;
  throw new InvalidArgumentError("Give whole numbers, each larger than the one before: 1000000,10000000.");
}

function say(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}

function table(measurements: readonly Measurement[]): string[] {
  const width = Math.max(...measurements.map(({ name }) => name.length));
  return measurements.map(({ name, value, unit }) => {
    const digits = value < 100 ? 3 : 0;
    return `${name.padEnd(width)}${value.toFixed(digits).padStart(12)} ${unit}`;
  });
}
