import { eventually } from "@takings/local";
import { isAccepted, type StripeEvent } from "@takings/simulator";
import { stream } from "@takings/wire";
import type { FaultCase, CaseContext } from "../fault-case.ts";
import type { Consumer } from "../services.ts";
import { onNextBytes, sleep } from "./steps.ts";

/** The stream becomes another one while consumers are at work. */
export const changedStreamCases: readonly FaultCase[] = [
  {
    name: "stream recreated under a held batch",
    faults: [21, 30],
    what: "one consumer has committed and not acknowledged yet while the stream is lost and recreated; another dies with the event that has that sequence now",
    harness: { consumers: 2 },
    cycles: 1,
    quiet: true,
    cycle: recreateStreamUnderHeldBatch,
  },
];

/** A build that the case above has to catch. */
export const changedStreamBrokenBuild: FaultCase = {
  name: "acks without checking the stream",
  faults: [21, 30],
  what: "a consumer that acknowledges without a look at the stream, which was recreated meanwhile",
  harness: { consumers: 2, broken: { consumer: "acks-without-stream-check" } },
  expectedViolation: "LOSS",
  cycles: 1,
  quiet: true,
  recoversWithinMs: 10_000,
  cycle: recreateStreamUnderHeldBatch,
};

/** The acknowledgement of the first consumer is for a sequence, and that is the other consumer's event by now. */
async function recreateStreamUnderHeldBatch(context: CaseContext): Promise<void> {
  const { broker, consumers } = context.harness;
  const [holding, dying] = consumers;
  if (holding === undefined || dying === undefined) throw new Error("two consumers are needed");
  // What the cycle before left to be delivered again would be deleted with the stream.
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
  // For the acknowledgement to be sent, well before ack-wait is over.
  await sleep(1_000);
  await dying.process.end("SIGKILL");
  context.healed();
  await dying.process.ready();
  await broker.durable();
}

/** Freezes the consumer with the first event of a stream committed and not acknowledged; `false` if in vain. */
async function freezeAfterCommit(context: CaseContext, { process, postgres }: Consumer): Promise<boolean> {
  await recreateStream(context);
  // Whatever it commits beside its batches does not count.
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
  await eventually("all to be settled", async () => (await broker.durable()).outstanding === 0, 30_000);
}

async function recreateStream({ harness: { broker } }: CaseContext): Promise<void> {
  await broker.api(`STREAM.DELETE.${stream.name}`);
  // The server may still be clearing away the files of the one before.
  await eventually("the stream to be recreated", () => broker.makeStream().then(() => true));
  await broker.shortenAckWait();
}

async function send({ sender }: CaseContext): Promise<StripeEvent> {
  const event = sender.next();
  await eventually("a 2xx", async () => isAccepted(await sender.attempt(event)));
  return event;
}
