import { eventually } from "@takings/testkit";
import { durable, stream } from "@takings/wire";
import type { FaultCase } from "../fault-case.ts";
import { freeze, killAt, replicaOf, sleep, sleepRandomly } from "./steps.ts";

/** Messages between consumer, PostgreSQL and NATS while a batch is processed, in order. */
const steps = [
  { on: "postgres", direction: "up", bytes: "write-events", action: "pass" },
  { on: "postgres", direction: "up", bytes: "write-ledger", action: "pass" },
  { on: "postgres", direction: "up", bytes: "commit\0", action: "drop" },
  { on: "postgres", direction: "up", bytes: "commit\0", action: "pass" },
  { on: "postgres", direction: "down", bytes: "COMMIT\0", action: "drop" },
  { on: "nats", direction: "up", bytes: "+ACK", action: "pass" },
] as const;

/** The consumer is killed or frozen, is not heard, starts from the beginning, or has a slow database. */
export const consumerCases: readonly FaultCase[] = [
  {
    title: "consumer killed at each step of a batch",
    numbers: [29],
    fault:
      "SIGKILL after the events, after the ledger, before, at and after COMMIT, and during the acknowledgements",
    cycles: 6,
    async cycle(context) {
      const { on, ...moment } = steps[context.cycle % steps.length] ?? steps[0];
      const consumer = replicaOf(context.harness.consumers, context);
      await killAt(context, consumer.process, consumer[on], moment);
    },
  },
  {
    title: "consumer frozen beyond ack-wait",
    numbers: [30],
    fault: "SIGSTOP for 5 s with an ack-wait of 3 s",
    expectation: "another consumer takes the batch; late acknowledgements change nothing",
    async cycle(context) {
      await sleepRandomly(context, 100, 400);
      await freeze(replicaOf(context.harness.consumers, context).process, 5_000);
    },
  },
  {
    title: "acknowledgements lost",
    numbers: [31],
    fault: "nothing from a consumer reaches NATS for 4 s",
    expectation: "committed events are redelivered and not counted again",
    async cycle(context) {
      const { nats } = replicaOf(context.harness.consumers, context);
      nats.silence("up");
      await sleep(4_000);
      nats.heal();
    },
  },
  {
    title: "durable recreated",
    numbers: [32],
    fault: "the durable is deleted under load and created again",
    expectation: "everything is redelivered and nothing changes",
    async cycle(context) {
      const { broker } = context.harness;
      await sleepRandomly(context, 100, 400);
      await broker.api(`CONSUMER.DELETE.${stream.name}.${durable.name}`);
      // It may fail while nats-server still writes the old one's state, see recreateDurable.
      await eventually("the durable", () => broker.shortenAckWait().then(() => true));
    },
  },
  {
    title: "slow database",
    numbers: [35],
    fault: "300 ms more latency between consumers and PostgreSQL for 6 s, with the ack-wait of production",
    expectation: "no redelivery",
    async cycle(context) {
      const { broker, consumers } = context.harness;
      await broker.configureDurable();
      for (const { postgres } of consumers) postgres.delay(300);
      await sleep(6_000);
      const { redelivered } = await broker.durable();
      for (const { postgres } of consumers) postgres.heal();
      if (redelivered > 0) context.reportViolation("BOUND", `${redelivered} events were redelivered`);
      await broker.shortenAckWait();
    },
  },
];
