import { TakingsError } from "@takings/domain";
import { durable, stream } from "@takings/wire";
import { ErrorCode, type JetStreamManager, type NatsConnection, NatsError, type StreamConfig } from "nats";
import { durableFaults, isPaused, updatableSettings } from "../durable-faults.ts";
import { unlessMissing } from "../jetstream-api.ts";
import { durableConfig, streamConfig } from "../topology.ts";

/** The requested settings. An existing stream keeps those that are not given. */
export type TopologyRequest = {
  readonly replicas?: number | undefined;
  readonly maxBytes?: number | undefined;
  /** Also makes changes that lower the stream's durability or its limits. */
  readonly force?: boolean | undefined;
};

/** What was changed, and what is still wrong. */
export type TopologyResult = {
  /** One line each; empty when everything was in place. */
  readonly changes: readonly string[];
  /** Faults of the durable that cannot be fixed in place. */
  readonly faults: readonly string[];
};

const answeredWithinMs = 30_000;
const timedOut: string = ErrorCode.Timeout;
const streamDefaults = { replicas: 1, maxBytes: 10_000_000_000 };

/**
 * Creates the stream and its durable, or updates existing ones to the required and the requested settings. Needs admin
 * permissions.
 * @throws Error listing each change that would lower durability or a limit, unless forced; nothing is changed then.
 * TakingsError `unavailable` when JetStream does not respond for 30 s.
 */
export async function applyTopology(
  nats: NatsConnection,
  request: TopologyRequest = {},
): Promise<TopologyResult> {
  const manager = await nats.jetstreamManager({ checkAPI: false });
  const ofConsumer = `consumer ${durable.name}`;
  const changes = [
    ...(await untilAnswered(`stream ${stream.name}`, () => applyStream(manager, request))),
    ...(await untilAnswered(ofConsumer, () => applyDurable(manager))),
  ];
  const { config } = await untilAnswered(ofConsumer, () => manager.consumers.info(stream.name, durable.name));
  return { changes, faults: durableFaults({ ...config }) };
}

/**
 * A cluster answers no request while it elects a leader, and never answers one that it received meanwhile. The step reads
 * what is in place first, so it can be repeated.
 */
async function untilAnswered<T>(what: string, step: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + answeredWithinMs;
  for (;;) {
    try {
      return await step();
    } catch (cause) {
      if (!(cause instanceof NatsError && cause.code === timedOut)) throw cause;
      if (Date.now() < deadline) continue;
      const seconds = answeredWithinMs / 1_000;
      throw new TakingsError(
        "unavailable",
        `${what}: JetStream has not responded for ${seconds} s. Does every server of the cluster run, and has the cluster a leader?`,
        { cause },
      );
    }
  }
}

async function applyStream(manager: JetStreamManager, request: TopologyRequest): Promise<string[]> {
  const found = await manager.streams.info(stream.name).catch(unlessMissing);
  if (found === undefined) {
    const { replicas = streamDefaults.replicas, maxBytes = streamDefaults.maxBytes } = request;
    await manager.streams.add(streamConfig({ replicas, maxBytes }));
    return [`stream ${stream.name} created: num_replicas ${replicas}, max_bytes ${maxBytes}`];
  }
  const config = requiredConfig(found.config, request);
  const differing = differences(found.config, config);
  const reductions = differing.filter(({ name, from, to }) => isReduction(name, from, to));
  if (reductions.length > 0 && request.force !== true) {
    const list = reductions.map(describe).join(", ");
    throw new Error(
      `stream ${stream.name} would be less durable or hold less: ${list}; nothing was changed. Set the values to keep, or use --force`,
    );
  }
  if (differing.length > 0) await manager.streams.update(stream.name, config);
  return differing.map((one) => `stream ${stream.name}: ${describe(one)}`);
}

/** What an existing stream differs in from the required settings, one line each. Needs its information only. */
export async function streamDifferences(nats: NatsConnection): Promise<readonly string[]> {
  const manager = await nats.jetstreamManager({ checkAPI: false });
  const { config } = await manager.streams.info(stream.name);
  return differences(config, requiredConfig(config, {})).map(describe);
}

/** The required and requested settings of an existing stream. Limits that are higher than required are kept. */
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
    return [`consumer ${durable.name} created`];
  }
  const changes: string[] = [];
  // The client's types lack this setting.
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

/** The server omits what is zero, false or empty. */
function isSame(from: unknown, to: unknown): boolean {
  const plain = (value: unknown): string =>
    value === null || value === "" || value === 0 || value === false ? "" : (JSON.stringify(value) ?? "");
  return plain(from) === plain(to);
}

function describe({ name, from, to }: Difference): string {
  const shown = (value: unknown): string =>
    value === undefined || value === null
      ? "none"
      : typeof value === "string"
        ? value
        : JSON.stringify(value);
  return `${name} ${shown(from)} → ${shown(to)}`;
}

/** Settings where a lower number means a lower limit or fewer copies; 0 and below mean unlimited. */
const reducible = ["num_replicas", "max_bytes", "max_msg_size", "duplicate_window"];

function isReduction(name: string, from: unknown, to: unknown): boolean {
  if (!reducible.includes(name) || typeof from !== "number" || typeof to !== "number") return false;
  const limit = (value: number): number => (value <= 0 ? Infinity : value);
  return limit(to) < limit(from);
}
