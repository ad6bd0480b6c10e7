import { eventually } from "@takings/local";
import { stream } from "@takings/wire";
import type { StripeEvent } from "@takings/end-to-end/scene";
import type { Case, Stage } from "../case.ts";
import type { Consumer } from "../services.ts";
import { isAccepted } from "./nats.ts";
import { atMoment, lasting } from "./steps.ts";

/** The stream becomes another one while consumers are at work. */
export const changedStreamCases: readonly Case[] = [
  {
    name: "stream made anew under a held batch",
    faults: [21, 30],
    what: "one consumer has committed and not acknowledged yet while the stream is lost and made anew; another dies with the event that has that sequence now",
    rig: { consumers: 2 },
    cycles: 1,
    quiet: true,
    cycle: makeAnewUnderHeldBatch,
  },
];

/** A build that the case above has to catch. */
export const changedStreamControl: Case = {
  name: "settles without looking",
  faults: [21, 30],
  what: "a consumer that acknowledges without a look at the stream, which was made anew meanwhile",
  rig: { consumers: 2, broken: { consumer: "settles-without-looking" } },
  mustViolate: "LOSS",
  cycles: 1,
  quiet: true,
  recoversWithinMs: 10_000,
  cycle: makeAnewUnderHeldBatch,
};

/** The acknowledgement of the first consumer is for a sequence, and that is the other consumer's event by now. */
async function makeAnewUnderHeldBatch(stage: Stage): Promise<void> {
  const { broker, consumers } = stage.rig;
  const [holding, dying] = consumers;
  if (holding === undefined || dying === undefined) throw new Error("two consumers are needed");
  // What the cycle before left to be delivered again would be deleted with the stream.
  await settled(stage);
  dying.part.hold();
  await dying.part.end("SIGTERM");
  while (!(await freezeAfterCommit(stage, holding))) {
    holding.part.signal("SIGCONT");
    await settled(stage);
  }
  await makeAnew(stage);
  dying.part.release();
  await dying.part.ready();
  const taken = atMoment(dying.postgres, "up", "commit\0", () => {
    dying.part.signal("SIGSTOP");
    return "lose";
  });
  await Promise.all([taken, send(stage)]);
  holding.part.signal("SIGCONT");
  // For the acknowledgement to be sent, well before ack-wait is over.
  await lasting(1_000);
  await dying.part.end("SIGKILL");
  stage.healed();
  await dying.part.ready();
  await broker.durable();
}

/** Freezes the consumer with the first event of a stream committed and not acknowledged; `false` if in vain. */
async function freezeAfterCommit(stage: Stage, { part, postgres }: Consumer): Promise<boolean> {
  await makeAnew(stage);
  // Whatever it commits beside its batches does not count.
  const committed = atMoment(postgres, "up", "write-events", () => {
    void postgres.atNext("down", "COMMIT\0", () => {
      part.signal("SIGSTOP");
      return "pass";
    });
    return "pass";
  });
  const [event] = await Promise.all([send(stage), committed]);
  await lasting(500);
  const stored = await stage.rig.sql(`select from takings.events where event_id = '${event.id}'`);
  const { unsettled } = await stage.rig.broker.durable();
  return stored.length === 1 && unsettled === 1;
}

async function settled({ rig: { broker } }: Stage): Promise<void> {
  await eventually("all to be settled", async () => (await broker.durable()).unsettled === 0, 30_000);
}

async function makeAnew({ rig: { broker } }: Stage): Promise<void> {
  await broker.api(`STREAM.DELETE.${stream.name}`);
  // The server may still be clearing away the files of the one before.
  await eventually("the stream to be made anew", () => broker.makeStream().then(() => true));
  await broker.shortenAckWait();
}

async function send({ sender }: Stage): Promise<StripeEvent> {
  const event = sender.next();
  await eventually("a 2xx", async () => isAccepted(await sender.attempt(event)));
  return event;
}
