import { spawn } from "node:child_process";
import { createWriteStream, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { advanceRecordedTime, createPool } from "@takings/postgres";
import { nodeCommand } from "@takings/testkit";
import type { Pool } from "pg";
import type { Measurement } from "./statistics.ts";
import { startTemporaryPostgres } from "./temporary-postgres.ts";

export type TieOutBenchOptions = { readonly rows: number; readonly say: (line: string) => void };

const main = fileURLToPath(new URL("../../../packages/cli/src/main.ts", import.meta.url));
const samplingMs = 50;
const rowsPerStatement = 100_000;

/** Transaction `n` was created `n` seconds into 2026. */
const fillText = `
  insert into takings.balance_transactions (id, source, account, livemode, type, reporting_category, currency, gross,
    fee, net, created, available_on, balance_type, source_id, effective_at, event_id, said_at, said_received_at, recorded_at)
  select 'txn_1Qabcdefghijklmnopqrs' || n, 'default', '', true, 'charge', 'charge', 'usd', n, n % 100, n - n % 100, at,
    at + interval '2 days', 'payments', 'ch_' || n, at, 'evt_' || n, at, at, '2026-01-01Z'
  from (select n, timestamptz '2026-01-01Z' + n * interval '1 second' as at from generate_series($1::bigint, $2) as n)
    as numbered`;
const header =
  "balance_transaction_id,created_utc,available_on_utc,currency,gross,fee,net,reporting_category,description";

/** Measures a tie-out of one large activity report that equals the ledger. @throws Error when it is not found equal. */
export async function benchTieOut({ rows, say }: TieOutBenchOptions): Promise<readonly Measurement[]> {
  await using postgres = await startTemporaryPostgres();
  const path = join(tmpdir(), `takings-bench-${process.pid}.csv`);
  try {
    say(`filling a ledger of ${rows} transactions`);
    await fill(postgres, rows);
    say("writing the report");
    await writeReport(path, rows);
    say("comparing");
    const { seconds, peakMb } = await compare(path, postgres.readerUrl);
    return [
      { name: `tie-out of ${rows} rows`, value: seconds, unit: "s" },
      { name: "rows per second", value: rows / seconds, unit: "/s" },
      { name: "resident memory at its peak", value: peakMb, unit: "MB" },
    ];
  } finally {
    await rm(path, { force: true });
  }
}

async function fill(
  { superuserUrl, writerUrl }: { readonly superuserUrl: string; readonly writerUrl: string },
  rows: number,
): Promise<void> {
  const poolOf = (url: string): Pool =>
    createPool({ url, name: "bench", max: 1, statementTimeoutMs: 600_000, onIdleError: () => {} });
  const [admin, writing] = [poolOf(superuserUrl), poolOf(writerUrl)];
  try {
    for (let first = 1; first <= rows; first += rowsPerStatement)
      await admin.query(fillText, [first, Math.min(first + rowsPerStatement - 1, rows)]);
    await admin.query(
      `insert into takings.balance_syncs (source, account, livemode, complete_through, complete_recorded_at)
       values ('default', '', true, '2030-01-01Z', now())`,
    );
    await admin.query("vacuum analyze takings.balance_transactions");
    await advanceRecordedTime(writing);
  } finally {
    await Promise.all([admin.end(), writing.end()]);
  }
}

async function writeReport(path: string, rows: number): Promise<void> {
  const file = createWriteStream(path);
  file.write(`${header}\n`);
  for (let n = 1; n <= rows; n += 1)
    if (!file.write(rowText(n))) await new Promise<void>((resolve) => file.once("drain", resolve));
  await new Promise<void>((resolve) => file.end(resolve));
}

function rowText(n: number): string {
  const created = Date.UTC(2026, 0, 1) + n * 1_000;
  const cells = [
    `txn_1Qabcdefghijklmnopqrs${n}`,
    timeText(created),
    timeText(created + 172_800_000),
    "usd",
    ...[n, n % 100, n - (n % 100)].map((cents) => (cents / 100).toFixed(2)),
    "charge",
    '"order ""x"", two items"',
  ];
  return `${cells.join(",")}\n`;
}

function timeText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}

function compare(path: string, url: string): Promise<{ readonly seconds: number; readonly peakMb: number }> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const program = nodeCommand([main, "tie-out", path], { DATABASE_URL: url });
    const child = spawn(program.command, [...program.args], {
      ...program,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let [peakMb, output] = [0, ""];
    child.stdout.on("data", (text) => (output += String(text)));
    const sampling = setInterval(() => {
      peakMb = Math.max(peakMb, peakOf(child.pid));
    }, samplingMs);
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(sampling);
      if (code === 0) resolve({ seconds: (performance.now() - started) / 1_000, peakMb });
      else reject(new Error(`the report was not found equal: ${output}`));
    });
  });
}

/** The peak of a process's resident memory; 0 once it has ended. */
function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1_024;
  } catch {
    return 0;
  }
}
