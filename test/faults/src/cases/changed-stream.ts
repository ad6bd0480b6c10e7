import { eventually } from "@takings/testkit";
import type { StripeEvent } from "@takings/simulator";
import { stream } from "@takings/wire";
import type { FaultCase, CaseContext } from "../fault-case.ts";
import type { Consumer } from "../services.ts";
import { deliver, onNextBytes, sleep } from "./steps.ts";

/** The stream is recreated while consumers work. */
export const changedStreamCases: readonly FaultCase[] = [
  {
    title: "stream recreated while a batch is held",
    numbers: [21, 30],
    fault:
      "the stream is lost and recreated while one consumer has committed but not acknowledged; another consumer is killed with the event that has the same sequence now",
    expectation: "the late acknowledgement confirms nothing",
    harness: { consumers: 2 },
    quiet: true,
    cycle: recreateStreamUnderHeldBatch,
  },
];

/** A build whose defect the case above must detect. */
export const changedStreamBrokenBuild: FaultCase = {
  title: "acknowledges without checking the stream",
  numbers: [21, 30],
  fault: "a consumer that acknowledges without checking whether the stream was recreated",
  harness: { consumers: 2, broken: { consumer: "acks-without-stream-check" } },
  expectedViolation: "LOSS",
  quiet: true,
  recoversWithinMs: 10_000,
  cycle: recreateStreamUnderHeldBatch,
};

/** The first consumer acknowledges a sequence, which by then is that of the other consumer's event. */
async function recreateStreamUnderHeldBatch(context: CaseContext): Promise<void> {
  const { broker, consumers } = context.harness;
  const [holding, dying] = consumers;
  if (holding === undefined || dying === undefined) throw new Error("this case needs two consumers");
  // Events that the previous cycle left for redelivery would be deleted with the stream.
  await settled(context);
  dying.process.hold();
  await dying.process.end("SIGTERM");
  while (!(await freezeAfterCommit(context, holding))) {
    holding.process.signal("SIGCONT");
    await settled(context);
  }
  await recreateStream(context);
  dying.process.release();
  await dying.process.ready();
  const taken = onNextBytes(dying.postgres, "up", "commit\0", () => {
    dying.process.signal("SIGSTOP");
    return "drop";
  });
  await Promise.all([taken, send(context)]);
  holding.process.signal("SIGCONT");
  // Long enough to send the acknowledgement, and well below ack-wait.
  await sleep(1_000);
  await dying.process.end("SIGKILL");
  context.healed();
  await dying.process.ready();
  await broker.durable();
}

/** Freezes the consumer after it committed the first event of a stream, before it acknowledges; false if too late. */
async function freezeAfterCommit(context: CaseContext, { process, postgres }: Consumer): Promise<boolean> {
  await recreateStream(context);
  // Commits other than those of batches do not count.
  const committed = onNextBytes(postgres, "up", "write-events", () => {
    void postgres.onNextBytes("down", "COMMIT\0", () => {
      process.signal("SIGSTOP");
      return "pass";
    });
    return "pass";
  });
  const [event] = await Promise.all([send(context), committed]);
  await sleep(500);
  const stored = await context.harness.sql(`select from takings.events where event_id = '${event.id}'`);
  const { outstanding } = await context.harness.broker.durable();
  return stored.length === 1 && outstanding === 1;
}

async function settled({ harness: { broker } }: CaseContext): Promise<void> {
  await eventually(
    "all events to be acknowledged",
    async () => (await broker.durable()).outstanding === 0,
    30_000,
  );
}

async function recreateStream({ harness: { broker } }: CaseContext): Promise<void> {
  await broker.api(`STREAM.DELETE.${stream.name}`);
  // The server may still be deleting the files of the previous stream.
  await eventually("the stream to be recreated", () => broker.createStream().then(() => true));
  await broker.shortenAckWait();
}

async function send(context: CaseContext): Promise<StripeEvent> {
  const event = context.sender.next();
  await deliver(context, event);
  return event;
}
