import { eventually } from "@takings/local";
import { isAccepted, type StripeEvent } from "@takings/simulator";
import type { FaultCase, CaseWorkspace, CaseContext } from "../fault-case.ts";
import { type CuttableDisk, cuttableDisk } from "../disk.ts";
import type { HarnessOptions } from "../harness.ts";

/** The disk of NATS of the case that is running. */
const disk: { current?: CuttableDisk } = {};
/** How the server of the case that is running is to start. */
const server: { storeBytes?: number; syncs: boolean } = { syncs: true };
/** Traffic repeats events, and a server that knows one of a shared commit refuses the whole. */
const sent = new Set<string>();

const roomBytes = 12_000_000;
const fillerBytes = 900_000;
const eventsTogether = 40;
const maxAttempts = 5;
const otherStream = "ANOTHER";

/** NATS on a disk whose power can be cut, with a configuration that a case changes between two starts. */
function onChangingServer(workspace: CaseWorkspace): HarnessOptions {
  disk.current = cuttableDisk(workspace, "nats-disk", 300);
  delete server.storeBytes;
  server.syncs = true;
  return {
    natsDir: disk.current.path,
    natsRewrite: (config) =>
      config
        .replace(/(?<=max_file_store: )\d+/, (usual) => String(server.storeBytes ?? usual))
        .replace("sync_interval: always", (always) => (server.syncs ? always : "")),
  };
}

/** Ids that the server knows and events that are on no disk. */
export const duplicateCases: readonly FaultCase[] = [
  {
    name: "storage limit in a shared commit",
    faults: [20],
    what: "another stream fills max_file_store in the middle of an atomic batch, Stripe sends again, the power of NATS is cut; every other time there is room again before that",
    harness: async (workspace) => onChangingServer(workspace),
    cycles: 2,
    quiet: true,
    async cycle(context) {
      const { harness, cycle } = context;
      await withoutConsumers(context, async () => {
        await makeSmall(context);
        const open = await attemptAll(context, await overfill(context));
        const hasRoom = cycle % 2 === 1;
        if (hasRoom) {
          await harness.broker.api(`STREAM.DELETE.${otherStream}`);
          await deliverAll(context, open);
        }
        delete server.storeBytes;
        await cutPowerOfNats(context);
        if (!hasRoom) await harness.broker.api(`STREAM.DELETE.${otherStream}`);
        await harness.broker.configureStream();
        if (!hasRoom) await deliverAll(context, open);
      });
    },
  },
  {
    name: "NATS killed before it synced",
    faults: [13],
    what: "events that NATS wrote, did not sync and confirmed to nobody before it was killed; it knows their ids again, Stripe sends them, the power of NATS is cut",
    harness: async (workspace) => onChangingServer(workspace),
    cycles: 2,
    quiet: true,
    async cycle(context) {
      const { harness } = context;
      await withoutConsumers(context, async () => {
        // A server with the default sync is in the state that another one is in while its sync hangs.
        server.syncs = false;
        await harness.servers.nats.end("SIGTERM");
        await harness.servers.nats.ready();
        // Asked on the connection that the events need.
        await harness.broker.api("INFO");
        const events = newEvents(context, 10);
        for (const event of events) await harness.broker.store(event);
        server.syncs = true;
        await harness.servers.nats.end("SIGKILL");
        await ingressReady(context);
        await deliverAll(context, events);
        await cutPowerOfNats(context);
      });
    },
  },
];

/** An ingress that takes the server's word for it has to be caught by each of them. */
export const duplicateBrokenBuilds: readonly FaultCase[] = duplicateCases.map((one) => ({
  ...one,
  name: `trusts a duplicate PubAck: ${one.name}`,
  harness: async (workspace) => ({
    ...onChangingServer(workspace),
    broken: { ingress: "trusts-duplicate-pubacks" },
  }),
  expectedViolation: "LOSS",
  cycles: 1,
}));

/** With nobody to read them, what is lost of the stream is lost for good. */
async function withoutConsumers({ harness }: CaseContext, work: () => Promise<void>): Promise<void> {
  for (const { process } of harness.consumers) {
    process.hold();
    await process.end("SIGTERM");
  }
  try {
    await work();
  } finally {
    for (const { process } of harness.consumers) process.release();
  }
}

async function ingressReady({ harness }: CaseContext): Promise<void> {
  await harness.servers.nats.ready();
  for (const { process } of harness.ingresses) await process.ready();
}

/** Starts the server with room for a few more events than it has. */
async function makeSmall(context: CaseContext): Promise<void> {
  const { broker, servers } = context.harness;
  const { storage } = await broker.api("INFO");
  await broker.configureStream({ max_bytes: Number(storage) + roomBytes });
  server.storeBytes = Number(storage) + 2 * roomBytes;
  await servers.nats.end("SIGTERM");
  await ingressReady(context);
}

/**
 * Stores events together, as another ingress would, while another stream takes what the server may store: the limit ends
 * their shared commit in its middle, so that the server knows some of them and has confirmed none of those.
 */
async function overfill(context: CaseContext): Promise<readonly StripeEvent[]> {
  const { broker } = context.harness;
  const events: StripeEvent[] = [];
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    const together = newEvents(context, eventsTogether);
    events.push(...together);
    await broker.api(`STREAM.CREATE.${otherStream}`, { name: otherStream, subjects: ["another"] });
    await fillUpTo(context, bytesOf(together) / 2);
    const before = await broker.messages();
    const stored = await Promise.allSettled(together.map((event) => broker.store(event)));
    const known = (await broker.messages()) - before;
    const confirmed = stored.filter(({ status }) => status === "fulfilled").length;
    if (known > confirmed) return events;
    // On a busy machine events may go one by one, or the limit may end none of their commits.
    await broker.api(`STREAM.DELETE.${otherStream}`);
  }
  throw new Error("no shared commit met the limit, so the fault was not injected");
}

/** Lets another stream take what the server may store, except for so many bytes. */
async function fillUpTo({ harness: { broker } }: CaseContext, free: number): Promise<void> {
  for (;;) {
    const { storage } = await broker.api("INFO");
    const more = (server.storeBytes ?? 0) - Number(storage) - Math.round(free);
    if (more < 1_000) return;
    await broker.publish("another", "x".repeat(Math.min(more, fillerBytes)));
  }
}

async function cutPowerOfNats(context: CaseContext): Promise<void> {
  const { nats } = context.harness.servers;
  nats.hold();
  await nats.end("SIGKILL");
  await eventually("the disk to be left", () => {
    disk.current?.cutPower();
    return true;
  });
  context.healed();
  nats.release();
  await ingressReady(context);
}

/** Sends each event once; returns those that got no 2xx. */
async function attemptAll({ sender }: CaseContext, events: readonly StripeEvent[]): Promise<StripeEvent[]> {
  const accepted = await Promise.all(events.map(async (event) => isAccepted(await sender.attempt(event))));
  return events.filter((_, index) => accepted[index] !== true);
}

/** Sends each event, as Stripe does, until it gets a 2xx. */
async function deliverAll({ sender }: CaseContext, events: readonly StripeEvent[]): Promise<void> {
  await Promise.all(
    events.map((event) =>
      eventually(`a 2xx for ${event.id}`, async () => isAccepted(await sender.attempt(event)), 30_000),
    ),
  );
}

/** Events that were never sent before. */
function newEvents({ sender }: CaseContext, count: number): readonly StripeEvent[] {
  const events: StripeEvent[] = [];
  while (events.length < count) {
    const event = sender.next();
    if (!sent.has(event.id)) events.push(event);
    sent.add(event.id);
  }
  return events;
}

/** What events take on the stream, headers included. */
function bytesOf(events: readonly StripeEvent[]): number {
  return events.reduce((sum, { body }) => sum + Buffer.byteLength(body) + 400, 0);
}
