import { TakingsError } from "@takings/domain";
import { type TestNats, type TestNatsOptions, testNats } from "@takings/testkit";
import { durable, stream } from "@takings/wire";
import type { JetStreamManager, NatsConnection, StoredMsg } from "nats";
import { type Deliveries, openDeliveries } from "../src/consume/deliveries.ts";
import { createEventPublisher, type EventPublisher } from "../src/publish/event-publisher.ts";
import { type NatsLink, openLink } from "../src/nats-link.ts";
import { applyTopology } from "../src/admin/apply-topology.ts";

/** A nats-server for one test, with links to it; it closes everything that was opened through it. */
export type TestContext = AsyncDisposable & {
  readonly nats: TestNats;
  readonly admin: NatsConnection;
  readonly manager: JetStreamManager;
  link(user: keyof TestNats["urls"]): Promise<NatsLink>;
  publisher(ackTimeoutMs?: number): Promise<EventPublisher>;
  /** Publishes `count` events, evt_1 first. */
  fill(count: number): Promise<void>;
};

export const topology = { replicas: 1, maxBytes: 50_000_000 };

export async function createTestContext(
  options: TestNatsOptions & { readonly bare?: boolean } = {},
): Promise<TestContext> {
  const nats = await testNats(options);
  const links: NatsLink[] = [];
  const link = async (user: keyof TestNats["urls"]): Promise<NatsLink> => {
    const opened = await openLink({ url: nats.urls[user], name: user });
    links.push(opened);
    await opened.connected(5_000);
    return opened;
  };
  const { nats: admin } = await (await link("admin")).connected(5_000);
  const manager = await admin.jetstreamManager();
  if (options.bare !== true) await applyTopology(admin, topology);
  const publisher = async (ackTimeoutMs = 4_000): Promise<EventPublisher> =>
    createEventPublisher(await link("ingress"), { ackTimeoutMs });
  // One for all: a publisher stores events again whose confirmation it has not received itself.
  let filling: Promise<EventPublisher> | undefined;
  return {
    nats,
    admin,
    manager,
    link,
    publisher,
    async fill(count) {
      filling ??= publisher();
      const { publish } = await filling;
      const numbers = Array.from({ length: count }, (_, index) => index + 1);
      await Promise.all(numbers.map((number) => publish(outgoing(`evt_${number}`))));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(links.map((opened) => opened.close().catch(() => {})));
      await nats.close();
    },
  };
}

/** An event to publish, with its id as its body. */
export function outgoing(
  id: string,
  different: { readonly source?: string; readonly type?: string; readonly body?: string } = {},
): {
  id: string;
  source: string;
  type: string;
  body: Uint8Array;
  headers: Record<string, string>;
} {
  const body = new TextEncoder().encode(different.body ?? id);
  const { source = "default", type = "invoice.paid" } = different;
  return { id, source, type, body, headers: {} };
}

/** Opens deliveries as the consumer does. */
export async function openOn(
  context: TestContext,
  batchSize = 100,
  onError: (reason: string) => void = () => {},
): Promise<Deliveries> {
  return openDeliveries(await context.link("consumer"), { batchSize, onError });
}

/** How many events are delivered and not acknowledged. */
export async function unacknowledged({ manager }: TestContext): Promise<number> {
  return (await manager.consumers.info(stream.name, durable.name)).num_ack_pending;
}

/** The ids of `count` events. */
export const ids = (count: number): string[] => Array.from({ length: count }, (_, number) => `evt_${number}`);

/** The error with which publishing failed. */
export async function refusalOf(publishing: Promise<unknown>): Promise<TakingsError> {
  const error = await publishing.then(
    (value) => value,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TakingsError)) throw new Error(`not refused: ${JSON.stringify(error)}`);
  return error;
}

/** The ids of all messages of the stream. */
export async function storedIds(context: TestContext): Promise<string[]> {
  return (await storedMessages(context)).map(({ header }) => header.get("Nats-Msg-Id"));
}

/** All messages of the stream, also after its server was restarted. */
export async function storedMessages(context: TestContext): Promise<StoredMsg[]> {
  const { nats } = await (await context.link("admin")).connected(5_000);
  const { streams } = await nats.jetstreamManager();
  const { state } = await streams.info(stream.name);
  const sequences = Array.from({ length: state.messages }, (_, index) => state.first_seq + index);
  return Promise.all(sequences.map((seq) => streams.getMessage(stream.name, { seq })));
}
