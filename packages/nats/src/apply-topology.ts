import { durable, stream } from "@takings/wire";
import type { JetStreamManager, NatsConnection, StreamConfig } from "nats";
import { durableFaults, isPaused, updatableSettings } from "./durable-faults.ts";
import { isMissing } from "./is-missing.ts";
import { durableConfig, streamConfig } from "./topology.ts";

/** What was asked for. An existing stream keeps what is not given. */
export type TopologyRequest = {
  readonly replicas?: number | undefined;
  readonly maxBytes?: number | undefined;
  /** Makes changes, too, after which the stream survives less or holds less. */
  readonly force?: boolean | undefined;
};

/** What was done. */
export type TopologyResult = {
  /** One line each; empty when everything was in place. */
  readonly changes: readonly string[];
  /** What is still wrong with the durable, and cannot be changed in place. */
  readonly faults: readonly string[];
};

const streamDefaults = { replicas: 1, maxBytes: 10_000_000_000 };

/**
 * Creates the stream and its durable, or brings existing ones to what the promise needs and what is asked for. Needs an
 * admin's rights.
 * @throws Error naming each change that would lower durability or room, unless forced; nothing is changed then.
 */
export async function applyTopology(
  nats: NatsConnection,
  wanted: TopologyRequest = {},
): Promise<TopologyResult> {
  const manager = await nats.jetstreamManager();
  const changes = [...(await applyStream(manager, wanted)), ...(await applyDurable(manager))];
  const { config } = await manager.consumers.info(stream.name, durable.name);
  return { changes, faults: durableFaults({ ...config }) };
}

async function applyStream(manager: JetStreamManager, wanted: TopologyRequest): Promise<string[]> {
  const found = await manager.streams.info(stream.name).catch(unlessMissing);
  if (found === undefined) {
    const { replicas = streamDefaults.replicas, maxBytes = streamDefaults.maxBytes } = wanted;
    await manager.streams.add(streamConfig({ replicas, maxBytes }));
    return [`stream ${stream.name} made: num_replicas ${replicas}, max_bytes ${maxBytes}`];
  }
  const config = requiredConfig(found.config, wanted);
  const differing = differences(found.config, config);
  const reductions = differing.filter(({ name, from, to }) => isReduction(name, from, to));
  if (reductions.length > 0 && wanted.force !== true) {
    const list = reductions.map(describe).join(", ");
    throw new Error(
      `stream ${stream.name} would be less durable or hold less: ${list}; nothing was changed. Give what is to stay, or --force if this is meant`,
    );
  }
  if (differing.length > 0) await manager.streams.update(stream.name, config);
  return differing.map((one) => `stream ${stream.name}: ${describe(one)}`);
}

/** What the promise needs of a stream that exists, and what was asked for. Room that somebody has given it stays. */
function requiredConfig(
  existing: StreamConfig,
  { replicas, maxBytes }: TopologyRequest,
): Partial<StreamConfig> {
  const { num_replicas, max_bytes, max_msg_size, duplicate_window, subjects, ...config } = streamConfig({
    replicas: replicas ?? existing.num_replicas,
    maxBytes: maxBytes ?? existing.max_bytes,
  });
  const least = max_msg_size ?? stream.maxMessageBytes;
  return {
    ...config,
    description: existing.description || config.description || "",
    num_replicas: num_replicas ?? existing.num_replicas,
    max_bytes: max_bytes ?? existing.max_bytes,
    max_msg_size: existing.max_msg_size <= 0 ? existing.max_msg_size : Math.max(existing.max_msg_size, least),
    duplicate_window: Math.max(existing.duplicate_window, duplicate_window ?? 0),
    subjects: [...new Set([...(existing.subjects ?? []), ...(subjects ?? [])])],
  };
}

async function applyDurable(manager: JetStreamManager): Promise<string[]> {
  const found = await manager.consumers.info(stream.name, durable.name).catch(unlessMissing);
  if (found === undefined) {
    await manager.consumers.add(stream.name, durableConfig());
    return [`consumer ${durable.name} made`];
  }
  const changes: string[] = [];
  // Not every version of the client knows that a durable can be paused.
  const { pause_until: pausedUntil } = found.config as { readonly pause_until?: string };
  if (isPaused(pausedUntil)) {
    await manager.consumers.resume(stream.name, durable.name);
    changes.push(`consumer ${durable.name}: pause_until ${pausedUntil} → none`);
  }
  const wanted = updatableSettings();
  const differing = differences(found.config, wanted);
  if (differing.length > 0) await manager.consumers.update(stream.name, durable.name, wanted);
  return [...changes, ...differing.map((one) => `consumer ${durable.name}: ${describe(one)}`)];
}

type Difference = { readonly name: string; readonly from: unknown; readonly to: unknown };

function differences(existing: object, wanted: object): Difference[] {
  return Object.entries(wanted).flatMap(([name, to]) => {
    const from: unknown = Object.entries(existing).find(([key]) => key === name)?.[1];
    return isSame(from, to) ? [] : [{ name, from, to }];
  });
}

/** The server leaves out what is zero, false or empty. */
function isSame(from: unknown, to: unknown): boolean {
  const plain = (value: unknown): string =>
    value === null || value === "" || value === 0 || value === false ? "" : (JSON.stringify(value) ?? "");
  return plain(from) === plain(to);
}

function describe({ name, from, to }: Difference): string {
  const inWords = (value: unknown): string =>
    value === undefined || value === null
      ? "none"
      : typeof value === "string"
        ? value
        : JSON.stringify(value);
  return `${name} ${inWords(from)} → ${inWords(to)}`;
}

/** Numbers of which less is less room or fewer copies; without a limit is the most. */
const reducible = ["num_replicas", "max_bytes", "max_msg_size", "duplicate_window"];

function isReduction(name: string, from: unknown, to: unknown): boolean {
  if (!reducible.includes(name) || typeof from !== "number" || typeof to !== "number") return false;
  const room = (value: number): number => (value <= 0 ? Infinity : value);
  return room(to) < room(from);
}

function unlessMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
  return undefined;
}
