import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { postWebhook, shopEvents } from "@takings/simulator";
import type { VisitResult } from "./hostile.ts";

// A process of its own: sends signed events at a steady rate, each on a connection of its own, whether the former are
// answered or not. Arguments: the address of ingress, the secret, events per second, seconds. It sends one message, the
// result.

const [url = "", secret = "", rate = "1", seconds = "1"] = process.argv.slice(2);
const count = Number(rate) * Number(seconds);
const run = randomUUID().replaceAll("-", "").slice(0, 18);
const bodies = [...shopEvents(1).take(count)].map(({ body }, n) =>
  body.replaceAll(/"evt_\w+"/g, `"evt_${run}${n}"`),
);

const latencies: number[] = [];
const refused: string[] = [];

async function visit(body: string): Promise<void> {
  const began = performance.now();
  const { status, error } = await postWebhook({ url, body, secret, headers: { connection: "close" } });
  if (status === 200) latencies.push(performance.now() - began);
  else refused.push(error ?? String(status));
}

const began = performance.now();
const visits: Promise<void>[] = [];
for (const [n, body] of bodies.entries()) {
  await delay(Math.max(0, began + (n * 1_000) / Number(rate) - performance.now()));
  visits.push(visit(body));
}
await Promise.all(visits);
const result: VisitResult = { latencies, refused };
process.send?.(result);
process.disconnect();
