import { setTimeout as delay } from "node:timers/promises";
import type { FaultCase, CaseContext } from "../fault-case.ts";
import { readMetrics } from "../metrics.ts";
import { isAlive } from "../probes.ts";
import type { SupervisedProcess } from "../supervised-process.ts";
import { replicaOf, sleep, sleepRandomly } from "./steps.ts";

const preloaded = { NODE_OPTIONS: "--import ./test/faults/hooks/blocks-event-loop.ts" };
/** How long one signal stalls a process, by the hook. */
const stallMs = 6_000;

/** Blocks the event loop of a process that preloads the hook; resolves when it runs again. */
async function stall(context: CaseContext, process: SupervisedProcess): Promise<void> {
  await sleepRandomly(context, 300, 600);
  process.signal("SIGUSR2");
  await sleep(stallMs);
}

const shed = 'takings_webhook_requests_total{outcome="overloaded",source="default"}';

/** Ingress must refuse at once what comes while its loop is behind, and must look alive to Kubernetes. */
async function stallIngress(context: CaseContext): Promise<void> {
  const { harness, reportViolation } = context;
  const { process, adminUrl } = replicaOf(harness.ingresses, context);
  const before = (await readMetrics(adminUrl)).get(shed) ?? 0;
  const starts = process.starts();
  const stalled = stall(context, process);
  await delay(1_000);
  // One probe may fall between the blocks; Kubernetes restarts a container only after six that fail.
  const probe = isAlive(adminUrl).then((alive) => alive || isAlive(adminUrl));
  await stalled;
  context.healed();
  if (!(await probe)) reportViolation("LIVE", "/livez failed twice in a row because of a stall");
  if (process.starts() !== starts) reportViolation("LIVE", "ingress ended because of a stall");
  const refused = ((await readMetrics(adminUrl)).get(shed) ?? 0) - before;
  if (refused === 0) reportViolation("FAST", "no request was refused while the event loop was behind");
}

/** Its events must be redelivered, to the other consumer meanwhile, and it must go on. */
async function stallConsumer(context: CaseContext): Promise<void> {
  const { harness, reportViolation } = context;
  const { process } = replicaOf(harness.consumers, context);
  const starts = process.starts();
  const stalled = stall(context, process);
  const redelivered = await redeliveries(context, stalled);
  context.healed();
  if (process.starts() !== starts) reportViolation("LIVE", "consumer ended because of a stall");
  if (redelivered === 0) reportViolation("LIVE", "no event was redelivered while consumer was stalled");
}

/** The most events that waited for the acknowledgement of a redelivery at a time, until `end`. */
async function redeliveries({ harness }: CaseContext, end: Promise<void>): Promise<number> {
  const over = end.then(() => "over");
  for (let most = 0; ; ) {
    most = Math.max(most, (await harness.broker.durable()).redelivered);
    if ((await Promise.race([over, delay(50)])) === "over") return most;
  }
}

/** An event loop is blocked, as by a long computation or garbage collection. */
export const stallCases: readonly FaultCase[] = [
  {
    title: "event loops of ingress and consumer stall",
    numbers: [5],
    fault: "the event loop is blocked for 2 s three times in a row, which is longer than ack-wait",
    expectation: "ingress refuses with 503 meanwhile and answers /livez; redelivered events are counted once",
    harness: { consumers: 2, env: { ingress: preloaded, consumer: preloaded } },
    cycles: 2,
    cycle: (context) => replicaOf([stallIngress, stallConsumer], context)(context),
  },
];

/** The same with an ingress that accepts however late it is. */
export const stallBrokenBuild: FaultCase = {
  title: "accepts while its event loop is behind",
  numbers: [5],
  fault: "an ingress that does not look at its event loop, which stalls",
  harness: { env: { ingress: preloaded }, broken: { ingress: "sheds-nothing" } },
  expectedViolation: "FAST",
  answersWithinMs: "never",
  cycle: stallIngress,
};
