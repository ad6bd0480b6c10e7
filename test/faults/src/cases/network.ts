import type { FaultCase } from "../fault-case.ts";
import { onNextBytes, sleep } from "./steps.ts";

/** The ways between the processes: slow, in crumbs, cut in the middle, half open. */
export const networkCases: readonly FaultCase[] = [
  {
    name: "latency on every connection",
    faults: [46],
    what: "100 ms more each way on every proxy for 4 s",
    cycles: 1,
    async cycle({ harness }) {
      for (const proxy of harness.proxies()) proxy.delay(100);
      await sleep(4_000);
      for (const proxy of harness.proxies()) proxy.heal();
    },
  },
  {
    name: "requests fragmented and cut short",
    faults: [47],
    what: "for 2 s bodies arrive in pieces of 50 bytes, then four requests are cut in the middle of their bodies",
    cycles: 1,
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
    name: "half-open proxies",
    faults: [36, 46],
    what: "for 12 s one ingress and one consumer hear nothing from NATS, and another consumer nothing from PostgreSQL",
    cycles: 1,
    async cycle({ harness }) {
      const [ingress, consumers] = [harness.ingresses[0], harness.consumers];
      const deaf = [ingress?.nats, consumers[0]?.nats, consumers[1]?.postgres];
      for (const proxy of deaf) proxy?.silence("down");
      await sleep(12_000);
      for (const proxy of deaf) proxy?.heal();
    },
  },
];
