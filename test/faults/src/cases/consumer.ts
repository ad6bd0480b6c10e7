import { durable, stream } from "@takings/wire";
import type { FaultCase, CaseContext } from "../fault-case.ts";
import type { Consumer } from "../services.ts";
import { sleepRandomly, freeze, killAt, sleep } from "./steps.ts";

/** What passes between consumer, PostgreSQL and NATS on the way of a batch, in order. */
const steps = [
  { on: "postgres", direction: "up", bytes: "write-events", action: "pass" },
  { on: "postgres", direction: "up", bytes: "write-ledger", action: "pass" },
  { on: "postgres", direction: "up", bytes: "commit\0", action: "drop" },
  { on: "postgres", direction: "up", bytes: "commit\0", action: "pass" },
  { on: "postgres", direction: "down", bytes: "COMMIT\0", action: "drop" },
  { on: "nats", direction: "up", bytes: "+ACK", action: "pass" },
] as const;

/** The consumer dies, freezes, is not heard, is made to start from the beginning, and meets a slow database. */
export const consumerCases: readonly FaultCase[] = [
  {
    name: "consumer killed at each step of a batch",
    faults: [29],
    what: "after the events, after the ledger, before COMMIT arrives, as it arrives, after it, and amid the acknowledgements",
    cycles: 6,
    async cycle(context) {
      const { on, ...moment } = steps[context.cycle % steps.length] ?? steps[0];
      const consumer = consumerOf(context);
      await killAt(context, consumer.process, consumer[on], moment);
    },
  },
  {
    name: "consumer frozen beyond ack-wait",
    faults: [30],
    what: "SIGSTOP for 5 s with an ack-wait of 3 s: another takes its batch, its late acknowledgements change nothing",
    cycles: 1,
    async cycle(context) {
      await sleepRandomly(context, 100, 400);
      await freeze(consumerOf(context).process, 5_000);
    },
  },
  {
    name: "acknowledgements lost",
    faults: [31],
    what: "for 4 s nothing gets from a consumer to NATS: committed and delivered again",
    cycles: 1,
    async cycle(context) {
      const { nats } = consumerOf(context);
      nats.silence("up");
      await sleep(4_000);
      nats.heal();
    },
  },
  {
    name: "durable recreated",
    faults: [32],
    what: "the durable is deleted under load and made again: everything is delivered once more, nothing changes",
    cycles: 1,
    async cycle(context) {
      const { broker } = context.harness;
      await sleepRandomly(context, 100, 400);
      await broker.api(`CONSUMER.DELETE.${stream.name}.${durable.name}`);
      await broker.shortenAckWait();
    },
  },
  {
    name: "slow database",
    faults: [35],
    what: "every piece between consumers and PostgreSQL takes 300 ms longer for 6 s, with the real ack-wait: no storm of redeliveries",
    cycles: 1,
    async cycle(context) {
      const { broker, consumers } = context.harness;
      await broker.configureDurable();
      for (const { postgres } of consumers) postgres.delay(300);
      await sleep(6_000);
      const { redelivered } = await broker.durable();
      for (const { postgres } of consumers) postgres.heal();
      if (redelivered > 0) context.reportViolation("BOUND", `${redelivered} events were delivered again`);
      await broker.shortenAckWait();
    },
  },
];

function consumerOf({ harness, cycle }: CaseContext): Consumer {
  const consumer = harness.consumers[cycle % harness.consumers.length];
  if (consumer === undefined) throw new Error("there is no consumer");
  return consumer;
}
