import { isAccepted, type StripeEvent } from "@takings/simulator";
import type { FaultCase, CaseWorkspace, CaseContext } from "../fault-case.ts";
import { type CuttableDisk, cuttableDisk } from "../disk.ts";
import type { HarnessOptions } from "../harness.ts";
import { perInstallation } from "../per-installation.ts";
import { cutPowerOf } from "./disks.ts";
import { deliver } from "./steps.ts";

/** The server's disk, and how it starts. */
type ChangingServer = { readonly disk: CuttableDisk; storeBytes?: number; syncs: boolean };
const changing = perInstallation<ChangingServer>();
/** Traffic repeats events, and a server refuses an atomic batch if it knows one of its events. */
const sent = new Set<string>();

const freeBytes = 12_000_000;
const fillerBytes = 900_000;
const eventsTogether = 40;
const maxAttempts = 5;
const otherStream = "ANOTHER";

/** NATS on a disk that can lose power, with a configuration that the case changes between starts. */
function onChangingServer(workspace: CaseWorkspace): HarnessOptions {
  const disk = cuttableDisk(workspace, "nats-disk", 300);
  const server: ChangingServer = changing.set(workspace, { disk, syncs: true });
  return {
    natsDir: disk.path,
    natsRewrite: (config) =>
      config
        .replace(/(?<=max_file_store: )\d+/, (usual) => String(server.storeBytes ?? usual))
        .replace("sync_interval: always", (always) => (server.syncs ? always : "")),
  };
}

/** The server knows ids of events that are not on its disk. */
export const duplicateCases: readonly FaultCase[] = [
  {
    title: "storage limit inside an atomic batch",
    numbers: [20],
    fault:
      "another stream uses up max_file_store in the middle of an atomic batch, events are sent again, NATS loses power; in every second cycle there is space again before that",
    expectation: "a duplicate PubAck alone gets no 2xx",
    harness: async (workspace) => onChangingServer(workspace),
    cycles: 2,
    quiet: true,
    async cycle(context) {
      const { harness, cycle } = context;
      await withoutConsumers(context, async () => {
        await limitStorage(context);
        const open = await attemptAll(context, await overfill(context));
        const hasSpace = cycle % 2 === 1;
        if (hasSpace) {
          await harness.broker.api(`STREAM.DELETE.${otherStream}`);
          await deliverAll(context, open);
        }
        delete changing.of(harness).storeBytes;
        await cutPowerOfNats(context);
        if (!hasSpace) await harness.broker.api(`STREAM.DELETE.${otherStream}`);
        await harness.broker.configureStream();
        if (!hasSpace) await deliverAll(context, open);
      });
    },
  },
  {
    title: "NATS killed before sync",
    numbers: [13],
    fault:
      "NATS wrote events without sync or confirmation, was killed, and knows their ids after its restart; they are sent again and NATS loses power",
    expectation: "a duplicate PubAck alone gets no 2xx",
    harness: async (workspace) => onChangingServer(workspace),
    cycles: 2,
    quiet: true,
    async cycle(context) {
      const { harness } = context;
      await withoutConsumers(context, async () => {
        // With the default sync, a server is in the state of one whose sync hangs.
        changing.of(harness).syncs = false;
        await harness.servers.nats.end("SIGTERM");
        await harness.servers.nats.ready();
        // A request on the connection that the events need.
        await harness.broker.api("INFO");
        const events = newEvents(context, 10);
        for (const event of events) await harness.broker.store(event);
        changing.of(harness).syncs = true;
        await harness.servers.nats.end("SIGKILL");
        await ingressReady(context);
        await deliverAll(context, events);
        await cutPowerOfNats(context);
      });
    },
  },
];

/** Each of them must detect an ingress that takes a duplicate PubAck for a confirmation. */
export const duplicateBrokenBuilds: readonly FaultCase[] = duplicateCases.map(
  ({ title, numbers, fault, cycle }) => ({
    title: `trusts a duplicate PubAck: ${title}`,
    numbers,
    fault: `an ingress that takes a duplicate PubAck for a confirmation; ${fault}`,
    harness: async (workspace) => ({
      ...onChangingServer(workspace),
      broken: { ingress: "trusts-duplicate-pubacks" },
    }),
    expectedViolation: "LOSS",
    quiet: true,
    cycle,
  }),
);

/** Without consumers, what is lost from the stream is lost permanently. */
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

/** Restarts the server with space for a few more events than it has. */
async function limitStorage(context: CaseContext): Promise<void> {
  const { broker, servers } = context.harness;
  const { storage } = await broker.api("INFO");
  await broker.configureStream({ max_bytes: Number(storage) + freeBytes });
  changing.of(context.harness).storeBytes = Number(storage) + 2 * freeBytes;
  await servers.nats.end("SIGTERM");
  await ingressReady(context);
}

/**
 * Stores events in atomic batches, as another ingress would, while another stream uses up the storage: a batch fails in
 * its middle, so that the server knows some of its events and has confirmed none of them.
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
    // On a busy machine events may be published one by one, or no batch may reach the limit.
    await broker.api(`STREAM.DELETE.${otherStream}`);
  }
  throw new Error("no atomic batch reached the storage limit, so the fault was not injected");
}

/** Lets another stream use up the storage except for so many bytes. */
async function fillUpTo({ harness }: CaseContext, free: number): Promise<void> {
  const { broker } = harness;
  for (;;) {
    const { storage } = await broker.api("INFO");
    const more = (changing.of(harness).storeBytes ?? 0) - Number(storage) - Math.round(free);
    if (more < 1_000) return;
    await broker.publish("another", "x".repeat(Math.min(more, fillerBytes)));
  }
}

async function cutPowerOfNats(context: CaseContext): Promise<void> {
  await cutPowerOf(context, changing.of(context.harness).disk, [context.harness.servers.nats]);
  await ingressReady(context);
}

/** Sends each event once; returns those that got no 2xx. */
async function attemptAll({ sender }: CaseContext, events: readonly StripeEvent[]): Promise<StripeEvent[]> {
  const accepted = await Promise.all(events.map(async (event) => isAccepted(await sender.attempt(event))));
  return events.filter((_, index) => accepted[index] !== true);
}

async function deliverAll(context: CaseContext, events: readonly StripeEvent[]): Promise<void> {
  await Promise.all(events.map((event) => deliver(context, event)));
}

/** Events that were not sent before. */
function newEvents({ sender }: CaseContext, count: number): readonly StripeEvent[] {
  const events: StripeEvent[] = [];
  while (events.length < count) {
    const event = sender.next();
    if (!sent.has(event.id)) events.push(event);
    sent.add(event.id);
  }
  return events;
}

/** Size of events on the stream, headers included. */
function bytesOf(events: readonly StripeEvent[]): number {
  return events.reduce((sum, { body }) => sum + Buffer.byteLength(body) + 400, 0);
}
