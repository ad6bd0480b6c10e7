import { parentPort, workerData } from "node:worker_threads";
import { createPaymentService, type EventRecord } from "@takings/domain";
import { createPaymentWriter, createPool } from "@takings/postgres";
import { toEventRecord } from "@takings/wire";
import { shopEvents } from "@takings/simulator";
import { leaveOutRollupDeltas } from "./database-without-rollup.ts";
import type { WriterCommand, WriterSettings } from "./writers.ts";

// The writing half of a consumer in a thread of its own: generates payments and writes them, on command.

const batchSize = 500;
const { url, withRollup, seed } = workerData as WriterSettings;
const pool = createPool({ url, name: "bench", max: 1, statementTimeoutMs: 60_000, onIdleError: () => {} });
if (!withRollup) leaveOutRollupDeltas(pool);
const writer = createPaymentWriter(pool);
const payments = createPaymentService();
const events = shopEvents(seed);
let waiting: EventRecord[][] = [];

parentPort?.on("message", (command: WriterCommand) => {
  // A failure becomes the error of the thread, which ends the benchmark.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- This is a thread, not a window.
  void execute(command).then(() => parentPort?.postMessage("done"));
});

async function execute(command: WriterCommand): Promise<void> {
  if (command.kind === "prepare") {
    const now = Math.floor(Date.now() / 1_000);
    waiting = Array.from({ length: command.batches }, () =>
      Array.from({ length: batchSize }, () => nextPayment(now)),
    );
  } else {
    for (const batch of waiting) await writer.record(batch);
    waiting = [];
  }
}

/** A successful payment of the present moment. */
function nextPayment(now: number): EventRecord {
  for (;;) {
    const { value } = events.next();
    if (value.type !== "payment_intent.succeeded") continue;
    const body = Buffer.from(value.body.replaceAll(/"created": \d+/g, `"created": ${now}`));
    const record = toEventRecord({ source: "default", body, receivedAt: new Date() }, payments);
    if (record.facts !== undefined) return record;
    throw new Error(`the product finds no payment in ${value.id}: correct the generator`);
  }
}
