import { randomBytes } from "node:crypto";
import { postWebhook } from "@takings/simulator";
import { eventually, listed, type StripeObject } from "@takings/testkit";
import { stream } from "@takings/wire";
import { expect } from "chai";
import type { RunbookContext } from "./runbook-context.ts";

/** Events sent to ingress, and which of them got a 2xx. */
export type AcceptedEvents = {
  /** Sends one new event once; every third is not money. Resolves with the status. */
  send(): Promise<number>;
  /** Sends new events, each until it gets a 2xx. */
  accept(count: number): Promise<string[]>;
  /** Sends every event that got a 2xx again, as `stripe events resend` does. */
  resend(): Promise<void>;
  count(): number;
  /** @throws if an event that got a 2xx is neither on the stream nor in the database. */
  expectNoneGone(): Promise<void>;
  /** @throws if a payment that got a 2xx is not counted exactly once, or `takings verify` reports a difference. */
  expectCounted(): Promise<void>;
  /** @throws also if another event that got a 2xx is not in the database. */
  expectWhole(): Promise<void>;
};

/** The amount of each payment, in cents. */
const amount = 500;

/** @param bytes of random content added to each event, which cannot be compressed. */
export function acceptedEvents(context: RunbookContext, bytes = 0): AcceptedEvents {
  const accepted = new Map<string, StripeObject>();
  let sent = 0;

  function make(): StripeObject {
    sent += 1;
    const event = listed.succeeded(`runbook${sent}`, 2 * listed.hour - sent, amount);
    const type = sent % 3 === 0 ? "customer.created" : "payment_intent.succeeded";
    const made = { ...event, type, request: randomBytes(bytes / 2).toString("hex") };
    context.stripe.lists.set("events", [...(context.stripe.lists.get("events") ?? []), made]);
    return made;
  }
  async function post(event: StripeObject): Promise<number> {
    const { url } = context.ingress;
    const { status } = await postWebhook({ url, body: JSON.stringify(event), timeoutMs: 9_000 });
    if (status === 200) accepted.set(event.id, event);
    return status;
  }
  const deliverUntilAccepted = (event: StripeObject): Promise<boolean> =>
    eventually(`a 2xx for ${event.id}`, async () => (await post(event)) === 200, 30_000);
  const stored = async (): Promise<Set<string>> => {
    const rows = await context.sql<{ event_id: string }>("select event_id from takings.events");
    return new Set(rows.map((row) => row.event_id));
  };
  async function expectCounted(): Promise<void> {
    const money = [...accepted.values()].filter(({ type }) => type === "payment_intent.succeeded");
    const entries = await context.sql<{ event_id: string; amount: string }>(
      "select event_id, amount from takings.ledger",
    );
    const counted = entries.map((entry) => `${entry.event_id}: ${entry.amount}`).toSorted();
    expect(counted).to.deep.equal(money.map(({ id }) => `${id}: ${amount}`).toSorted());
    const { code, output } = await context.operator.run("takings verify");
    expect(code, output).to.equal(0);
  }
  return {
    send: () => post(make()),
    async accept(count) {
      const events = Array.from({ length: count }, make);
      for (const event of events) await deliverUntilAccepted(event);
      return events.map(({ id }) => id);
    },
    async resend() {
      for (const event of accepted.values()) await deliverUntilAccepted(event);
    },
    count: () => accepted.size,
    async expectNoneGone() {
      const known = await stored();
      for (const id of await idsOn(context)) known.add(id);
      expect([...new Set(accepted.keys()).difference(known)], "neither on the stream nor stored").to.be.empty;
    },
    expectCounted,
    async expectWhole() {
      expect([...new Set(accepted.keys()).difference(await stored())], "not stored").to.be.empty;
      await expectCounted();
    },
  };
}

/** The ids of the events on the stream. */
async function idsOn(context: RunbookContext): Promise<string[]> {
  const { state } = await context.streamInfo();
  const { streams } = await context.manager();
  const ids: string[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq; seq += 1) {
    const message = await streams.getMessage(stream.name, { seq });
    ids.push((JSON.parse(Buffer.from(message.data).toString()) as { id: string }).id);
  }
  return ids;
}
