import { withClient } from "@takings/local";
import { treeSeconds } from "./process-use.ts";
import type { Measurement } from "./statistics.ts";
import type { TemporaryStack } from "./temporary-stack.ts";

/** What the parts of a stack have used and written since they started. */
export type PathUse = {
  /** Processor seconds by part, and the confirmations, batches and bytes that are divided by events. */
  readonly [name: string]: number;
};

const parts = ["ingress", "consumer", "revenue_query", "nats", "postgres"] as const;

/** Reads the counters of a stack, all of which only grow. */
export async function readPathUse(stack: TemporaryStack): Promise<PathUse> {
  const processors = parts.map((name) => [name, treeSeconds(stack.component(name).pid)] as const);
  const [confirmations, batches, wal, streamed] = await Promise.all([
    confirmationsOf(stack),
    batchesOf(stack),
    walBytes(stack),
    streamBytes(stack),
  ]);
  return { ...Object.fromEntries(processors), confirmations, batches, wal, streamed };
}

/** What was used between readings, divided by the events that it was used for. */
export function usePerEvent(spans: readonly (readonly [PathUse, PathUse])[], events: number): Measurement[] {
  const used = (name: string): number =>
    spans.reduce((sum, [before, after]) => sum + (after[name] ?? 0) - (before[name] ?? 0), 0);
  const milliseconds = (name: string): number => (used(name) * 1_000) / events;
  return [
    ...parts.map((name) => ({
      name: `path_cpu_${name}_ms`,
      value: milliseconds(name),
      unit: "ms per event",
    })),
    {
      name: "path_cpu_ms",
      value: parts.reduce((sum, name) => sum + milliseconds(name), 0),
      unit: "ms per event",
    },
    { name: "path_ingress_batch", value: events / used("confirmations"), unit: "events" },
    { name: "path_consumer_batch", value: events / used("batches"), unit: "events" },
    { name: "path_wal_bytes", value: used("wal") / events, unit: "bytes per event" },
    { name: "path_stream_bytes", value: used("streamed") / events, unit: "bytes per event" },
  ];
}

/** Messages to ingress: the server confirms each batch, or single event, with one. Its checks are a few per second. */
async function confirmationsOf(stack: TemporaryStack): Promise<number> {
  const { connections } = await monitor<{
    connections: readonly { readonly name: string; readonly out_msgs: number }[];
  }>(stack, "connz");
  const ofIngress = connections.filter(({ name }) => name === "takings-ingress");
  return ofIngress.reduce((sum, { out_msgs }) => sum + out_msgs, 0);
}

async function streamBytes(stack: TemporaryStack): Promise<number> {
  return (await monitor<{ bytes: number }>(stack, "jsz")).bytes;
}

/** https://docs.nats.io/running-a-nats-service/nats_admin/monitoring */
async function monitor<Reply>(stack: TemporaryStack, path: string): Promise<Reply> {
  const response = await fetch(`${stack.component("nats")["monitor_url"]}/${path}`);
  return (await response.json()) as Reply;
}

async function batchesOf(stack: TemporaryStack): Promise<number> {
  const response = await fetch(`${stack.component("consumer")["admin_url"]}/metrics`);
  const [, count] = /^takings_batch_size_count(?:\{[^}]*\})? (\d+)$/m.exec(await response.text()) ?? [];
  if (count === undefined) throw new Error("the consumer has no metric takings_batch_size_count");
  return Number(count);
}

function walBytes(stack: TemporaryStack): Promise<number> {
  return withClient(stack.component("postgres").url, async (client) => {
    const { rows } = await client.query<{ bytes: string }>(
      "select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') as bytes",
    );
    return Number(rows[0]?.bytes);
  });
}
