import type { FaultCase } from "../fault-case.ts";
import { onNextBytes, sleep } from "./steps.ts";

/** Connections between processes are slow, fragmented, cut or half-open. */
export const networkCases: readonly FaultCase[] = [
  {
    title: "latency on every connection",
    numbers: [46],
    fault: "100 ms more each way on every connection for 4 s",
    async cycle({ harness }) {
      for (const proxy of harness.proxies()) proxy.delay(100);
      await sleep(4_000);
      for (const proxy of harness.proxies()) proxy.heal();
    },
  },
  {
    title: "requests fragmented and cut",
    numbers: [47],
    fault:
      "for 2 s bodies arrive in segments of 50 bytes, then four requests are cut in the middle of their bodies",
    async cycle({ harness }) {
      for (const { clients } of harness.ingresses) clients.slice(50);
      await sleep(2_000);
      for (const _ of [1, 2]) {
        await Promise.all(
          harness.ingresses.map(({ clients }) => onNextBytes(clients, "up", '"object"', () => "cut")),
        );
      }
      for (const { clients } of harness.ingresses) clients.heal();
    },
  },
  {
    title: "half-open connections",
    numbers: [36, 46],
    fault:
      "for 12 s one ingress and one consumer receive nothing from NATS, and another consumer nothing from PostgreSQL",
    async cycle({ harness }) {
      const [ingress, consumers] = [harness.ingresses[0], harness.consumers];
      const silenced = [ingress?.nats, consumers[0]?.nats, consumers[1]?.postgres];
      for (const proxy of silenced) proxy?.silence("down");
      await sleep(12_000);
      for (const proxy of silenced) proxy?.heal();
    },
  },
];
