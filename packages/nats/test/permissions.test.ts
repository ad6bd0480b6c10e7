import { eventually } from "@takings/testkit";
import { durable, stream } from "@takings/wire";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import type { NatsConnection } from "nats";
import { readBacklog } from "../src/consume/backlog.ts";
import { openDeliveries } from "../src/consume/deliveries.ts";
import { inspectStream } from "../src/durability/stream-durability.ts";
import { firstStoredSince, purgeBelow, readExtent } from "../src/admin/purge-stream.ts";
import { outgoing, createTestContext, type TestContext } from "./test-context.ts";
import type { NatsUser } from "../src/nats-permissions.ts";

const api = "$JS.API";
const ofDurable = `${stream.name}.${durable.name}`;

/** Requests that add, change, remove or read, by what they do. */
const actions = {
  "add an event": "stripe.events.invoice.paid",
  "publish anywhere else": "elsewhere",
  "pull events from the durable": `${api}.CONSUMER.MSG.NEXT.${ofDurable}`,
  "pull events from another durable": `${api}.CONSUMER.MSG.NEXT.${stream.name}.other`,
  "create a consumer": `${api}.CONSUMER.CREATE.${stream.name}.mine`,
  "create a durable": `${api}.CONSUMER.DURABLE.CREATE.${stream.name}.mine`,
  "delete the durable": `${api}.CONSUMER.DELETE.${ofDurable}`,
  "pause the durable": `${api}.CONSUMER.PAUSE.${ofDurable}`,
  "request the durable's information": `${api}.CONSUMER.INFO.${ofDurable}`,
  "request the stream's information": `${api}.STREAM.INFO.${stream.name}`,
  "request another stream's information": `${api}.STREAM.INFO.OTHER`,
  "request another consumer's information": `${api}.CONSUMER.INFO.${stream.name}.other`,
  "list the consumers": `${api}.CONSUMER.NAMES.${stream.name}`,
  "read a message": `${api}.STREAM.MSG.GET.${stream.name}`,
  "read a message directly": `${api}.DIRECT.GET.${stream.name}`,
  "read the last message of a type": `${api}.DIRECT.GET.${stream.name}.stripe.events.invoice.paid`,
  "delete a message": `${api}.STREAM.MSG.DELETE.${stream.name}`,
  "purge the stream": `${api}.STREAM.PURGE.${stream.name}`,
  "delete the stream": `${api}.STREAM.DELETE.${stream.name}`,
  "change the stream": `${api}.STREAM.UPDATE.${stream.name}`,
  "create a stream": `${api}.STREAM.CREATE.MINE`,
  "list the streams": `${api}.STREAM.NAMES`,
  "snapshot the stream": `${api}.STREAM.SNAPSHOT.${stream.name}`,
  "request the account's information": `${api}.INFO`,
  "query the system account": "$SYS.REQ.SERVER.PING",
  "acknowledge for another durable": `$JS.ACK.${stream.name}.other.1.1.1.1.0`,
} as const;
type Action = keyof typeof actions;

/** Which of these each user may do; a user that is missing here does not compile. */
const mayDo: Readonly<Record<Exclude<NatsUser, "admin">, readonly Action[]>> = {
  ingress: ["add an event", "request the stream's information"],
  consumer: [
    "pull events from the durable",
    "read a message directly",
    "request the durable's information",
    "request the stream's information",
  ],
  purger: [
    "read a message directly",
    "purge the stream",
    "request the durable's information",
    "request the stream's information",
  ],
  reconcile: ["add an event", "request the durable's information", "request the stream's information"],
};
const users = Object.keys(mayDo) as (keyof typeof mayDo)[];
const inboxOf = (user: string): string => `_INBOX_${user}.x`;

/** Whether the server denied a connection to publish to a subject. */
async function isPublishDenied(nats: NatsConnection, subject: string): Promise<boolean> {
  const outcome = await nats.request(subject, "{}", { timeout: 500 }).then(
    () => "a response",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  return /permissions violation/i.test(outcome);
}

/** Whether the server denied a connection to subscribe to a subject. */
async function isSubscribeDenied(nats: NatsConnection, subject: string): Promise<boolean> {
  const outcome = Promise.withResolvers<boolean>();
  const subscription = nats.subscribe(subject, { callback: (error) => outcome.resolve(error !== null) });
  await nats.flush();
  // The server denies before it responds to the flush; the client may report it just after.
  const waiting = setTimeout(() => outcome.resolve(false), 200);
  const denied = await outcome.promise;
  clearTimeout(waiting);
  subscription.unsubscribe();
  return denied;
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
      it(`do not let ${name} ${action}`, async () => {
        expect(await isPublishDenied(connectionOf(name), actions[action])).to.equal(true);
      });
    }

    for (const subject of [stream.subjects, ">", "$JS.EVENT.ADVISORY.>", "_INBOX.>", "$JS.ACK.>"]) {
      it(`do not let ${name} subscribe to ${subject}`, async () => {
        expect(await isSubscribeDenied(connectionOf(name), subject)).to.equal(true);
      });
    }

    it(`do not let ${name} subscribe to the responses of others`, async () => {
      const others = users.filter((user) => user !== name);
      for (const other of others)
        expect(await isSubscribeDenied(connectionOf(name), inboxOf(other))).to.equal(true);
      expect(await isSubscribeDenied(connectionOf(name), inboxOf(name))).to.equal(false);
    });
  }

  it("let ingress publish and inspect its stream", async () => {
    const { publish } = await context.publisher();
    expect(await publish(outgoing("evt_by_ingress"))).to.deep.equal({ duplicate: false });
    const needs = { replicas: 1, messageBytes: 1_000 };
    expect((await inspectStream(await context.link("ingress"), needs)).faults).to.deep.equal([]);
  });

  it("let the consumer pull, extend, nak and acknowledge, and read its backlog", async () => {
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
    await eventually("an empty backlog", left);
    await deliveries.stop();
    await consuming;
  });

  it("let the purger read up to where the stream is acknowledged, and purge it", async () => {
    const nats = connectionOf("purger");
    expect(await readExtent(nats)).to.include({ first: 1, last: 2 });
    expect(await firstStoredSince(nats, new Date(0))).to.equal(1);
    expect(await purgeBelow(nats, 1)).to.equal(0);
  });

  it("have left the stream unchanged after all these attempts", async () => {
    const { state } = await context.manager.streams.info(stream.name);
    expect(state.consumer_count).to.equal(1);
    expect(state.first_seq).to.equal(1);
  });

  // Last, because it purges the stream.
  for (const name of users) {
    it(`let ${name} do everything it needs`, async () => {
      const denials = mayDo[name].map((action) => isPublishDenied(connectionOf(name), actions[action]));
      expect(await Promise.all(denials)).to.not.include(true);
    });
  }
});
