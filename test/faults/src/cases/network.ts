import type { Case } from "../case.ts";
import { atMoment, lasting } from "./steps.ts";

/** The ways between the processes: slow, in crumbs, cut in the middle, half open. */
export const networkCases: readonly Case[] = [
  {
    name: "everything slow",
    faults: [46],
    what: "100 ms more each way on every link for 4 s",
    cycles: 1,
    async cycle({ rig }) {
      for (const link of rig.links()) link.delay(100);
      await lasting(4_000);
      for (const link of rig.links()) link.heal();
    },
  },
  {
    name: "requests in crumbs and cut short",
    faults: [47],
    what: "for 2 s bodies arrive in pieces of 50 bytes, then four requests are cut in the middle of their bodies",
    cycles: 1,
    async cycle({ rig }) {
      for (const { clients } of rig.ingresses) clients.slice(50);
      await lasting(2_000);
      for (const _ of [1, 2]) {
        await Promise.all(
          rig.ingresses.map(({ clients }) => atMoment(clients, "up", '"object"', () => "cut")),
        );
      }
      for (const { clients } of rig.ingresses) clients.heal();
    },
  },
  {
    name: "half-open links",
    faults: [36, 46],
    what: "for 12 s one ingress and one consumer hear nothing from NATS, and another consumer nothing from PostgreSQL",
    cycles: 1,
    async cycle({ rig }) {
      const [ingress, consumers] = [rig.ingresses[0], rig.consumers];
      const deaf = [ingress?.nats, consumers[0]?.nats, consumers[1]?.postgres];
      for (const link of deaf) link?.silence("down");
      await lasting(12_000);
      for (const link of deaf) link?.heal();
    },
  },
];
