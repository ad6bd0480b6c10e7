import { eventually } from "@takings/testkit";
import { durable, stream } from "@takings/wire";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import type { NatsConnection } from "nats";
import { readBacklog } from "../src/backlog.ts";
import { openDeliveries } from "../src/deliveries.ts";
import { inspectStream } from "../src/stream-durability.ts";
import { firstStoredSince, purgeBelow, readExtent } from "../src/purge-stream.ts";
import { outgoing, createTestContext, type TestContext } from "./test-context.ts";
import type { NatsUser } from "../src/nats-permissions.ts";

const api = "$JS.API";
const ofDurable = `${stream.name}.${durable.name}`;

/** Requests that add, change, remove or read, by what they would do. */
const actions = {
  "add an event": "stripe.events.invoice.paid",
  "publish anywhere else": "elsewhere",
  "take events from the durable": `${api}.CONSUMER.MSG.NEXT.${ofDurable}`,
  "take events from another durable": `${api}.CONSUMER.MSG.NEXT.${stream.name}.other`,
  "make a consumer": `${api}.CONSUMER.CREATE.${stream.name}.mine`,
  "make a durable": `${api}.CONSUMER.DURABLE.CREATE.${stream.name}.mine`,
  "delete the durable": `${api}.CONSUMER.DELETE.${ofDurable}`,
  "pause the durable": `${api}.CONSUMER.PAUSE.${ofDurable}`,
  "ask how far the durable has come": `${api}.CONSUMER.INFO.${ofDurable}`,
  "ask about the stream": `${api}.STREAM.INFO.${stream.name}`,
  "ask about another stream": `${api}.STREAM.INFO.OTHER`,
  "ask about another consumer": `${api}.CONSUMER.INFO.${stream.name}.other`,
  "list the consumers": `${api}.CONSUMER.NAMES.${stream.name}`,
  "read a message": `${api}.STREAM.MSG.GET.${stream.name}`,
  "read a message directly": `${api}.DIRECT.GET.${stream.name}`,
  "read the last message of a type": `${api}.DIRECT.GET.${stream.name}.stripe.events.invoice.paid`,
  "delete a message": `${api}.STREAM.MSG.DELETE.${stream.name}`,
  "purge the stream": `${api}.STREAM.PURGE.${stream.name}`,
  "delete the stream": `${api}.STREAM.DELETE.${stream.name}`,
  "change the stream": `${api}.STREAM.UPDATE.${stream.name}`,
  "make a stream": `${api}.STREAM.CREATE.MINE`,
  "list the streams": `${api}.STREAM.NAMES`,
  "snapshot the stream": `${api}.STREAM.SNAPSHOT.${stream.name}`,
  "ask about the account": `${api}.INFO`,
  "ask the system": "$SYS.REQ.SERVER.PING",
  "acknowledge for another durable": `$JS.ACK.${stream.name}.other.1.1.1.1.0`,
} as const;
type Action = keyof typeof actions;

/** What each user may do of this; one that is missing here does not compile. */
const mayDo: Readonly<Record<Exclude<NatsUser, "admin">, readonly Action[]>> = {
  ingress: ["add an event", "ask about the stream"],
  consumer: [
    "take events from the durable",
    "read a message directly",
    "ask how far the durable has come",
    "ask about the stream",
  ],
  purger: [
    "read a message directly",
    "purge the stream",
    "ask how far the durable has come",
    "ask about the stream",
  ],
  reconcile: ["add an event", "ask how far the durable has come", "ask about the stream"],
};
const users = Object.keys(mayDo) as (keyof typeof mayDo)[];
const inboxOf = (user: string): string => `_INBOX_${user}.x`;

/** Resolves with whether the server refused to let a connection publish there. */
async function isRefused(nats: NatsConnection, subject: string): Promise<boolean> {
  const outcome = await nats.request(subject, "{}", { timeout: 500 }).then(
    () => "answered",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  return /permissions violation/i.test(outcome);
}

/** Resolves with whether the server refused to let a connection listen there. */
async function isSubscribeDenied(nats: NatsConnection, subject: string): Promise<boolean> {
  const heard = Promise.withResolvers<boolean>();
  const subscription = nats.subscribe(subject, { callback: (error) => heard.resolve(error !== null) });
  await nats.flush();
  // A refusal comes before the answer to the flush; its report to us may come just after.
  const waiting = setTimeout(() => heard.resolve(false), 200);
  const refused = await heard.promise;
  clearTimeout(waiting);
  subscription.unsubscribe();
  return refused;
}

describe("the permissions of the services' users", () => {
  let context: TestContext;
  const connections = new Map<string, NatsConnection>();

  before(async () => {
    context = await createTestContext();
    await context.fill(1);
    for (const user of users) {
      connections.set(user, (await (await context.link(user)).connected(5_000)).nats);
    }
  });
  after(() => context[Symbol.asyncDispose]());

  function connectionOf(user: string): NatsConnection {
    const nats = connections.get(user);
    if (nats === undefined) throw new Error(`no connection of ${user}`);
    return nats;
  }

  for (const name of users) {
    const isAllowed = (action: Action): boolean => mayDo[name].includes(action);
    const all = Object.keys(actions) as Action[];
    for (const action of all.filter((one) => !isAllowed(one))) {
      it(`refuse that ${name} could ${action}`, async () => {
        expect(await isRefused(connectionOf(name), actions[action])).to.equal(true);
      });
    }

    for (const subject of [stream.subjects, ">", "$JS.EVENT.ADVISORY.>", "_INBOX.>", "$JS.ACK.>"]) {
      it(`refuse that ${name} could listen to ${subject}`, async () => {
        expect(await isSubscribeDenied(connectionOf(name), subject)).to.equal(true);
      });
    }

    it(`refuse that ${name} could listen to the answers that others get`, async () => {
      const others = users.filter((user) => user !== name);
      for (const other of others)
        expect(await isSubscribeDenied(connectionOf(name), inboxOf(other))).to.equal(true);
      expect(await isSubscribeDenied(connectionOf(name), inboxOf(name))).to.equal(false);
    });
  }

  it("let ingress publish and look at its stream", async () => {
    const { publish } = await context.publisher();
    expect(await publish(outgoing("evt_by_ingress"))).to.deep.equal({ duplicate: false });
    const needs = { replicas: 1, messageBytes: 1_000 };
    expect((await inspectStream(await context.link("ingress"), needs)).faults).to.deep.equal([]);
  });

  it("let consumer take, acknowledge, give back, and look at its backlog", async () => {
    const link = await context.link("consumer");
    const deliveries = openDeliveries(link, { batchSize: 10, onError: () => {} });
    const first = (await deliveries.nextBatch()) ?? [];
    await deliveries.extendAckWait(first);
    await deliveries.nak(first);
    const left = async (): Promise<boolean> => (await readBacklog(link)).pending === 0;
    const consuming = (async () => {
      for (;;) {
        const batch = await deliveries.nextBatch();
        if (batch === undefined) return;
        await deliveries.acknowledge(batch);
      }
    })();
    await eventually("nothing to be left", left);
    await deliveries.stop();
    await consuming;
  });

  it("let purger look at how far the stream is settled, and purge it", async () => {
    const nats = connectionOf("purger");
    expect(await readExtent(nats)).to.include({ first: 1, last: 2 });
    expect(await firstStoredSince(nats, new Date(0))).to.equal(1);
    expect(await purgeBelow(nats, 1)).to.equal(0);
  });

  it("left the stream as it was, after all that was tried", async () => {
    const { state } = await context.manager.streams.info(stream.name);
    expect(state.consumer_count).to.equal(1);
    expect(state.first_seq).to.equal(1);
  });

  // Last, because purger is for purging.
  for (const name of users) {
    it(`refuse nothing of what ${name} is for`, async () => {
      const asked = mayDo[name].map((action) => isRefused(connectionOf(name), actions[action]));
      expect(await Promise.all(asked)).to.not.include(true);
    });
  }
});
