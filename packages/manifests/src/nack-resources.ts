import { durableConfig, streamConfig, type TopologyOptions } from "@takings/nats";
import { durable, stream } from "@takings/wire";
import { stringify } from "yaml";

/** How a field of the server's configuration is spelt in NACK's custom resource, and its value there. */
type Spelling = readonly [name: string, spell?: (value: unknown) => unknown];

/** A duration in Go's notation, from nanoseconds. */
const duration = (nanoseconds: unknown): string => `${Number(nanoseconds) / 1e9}s`;

// https://github.com/nats-io/nack, pkg/jetstream/apis/jetstream/v1beta2
const streamFields: Readonly<Record<string, Spelling>> = {
  name: ["name"],
  description: ["description"],
  subjects: ["subjects"],
  storage: ["storage"],
  retention: ["retention"],
  discard: ["discard"],
  num_replicas: ["replicas"],
  max_bytes: ["maxBytes"],
  max_msgs: ["maxMsgs"],
  max_msgs_per_subject: ["maxMsgsPerSubject"],
  max_age: ["maxAge", duration],
  max_msg_size: ["maxMsgSize"],
  duplicate_window: ["duplicateWindow", duration],
  allow_direct: ["allowDirect"],
  allow_atomic: ["allowAtomicPublish"],
  deny_delete: ["denyDelete"],
  allow_rollup_hdrs: ["allowRollup"],
};
const consumerFields: Readonly<Record<string, Spelling>> = {
  durable_name: ["durableName"],
  // A durable's name and its durable_name are one; the resource has the second alone.
  name: ["durableName"],
  ack_policy: ["ackPolicy"],
  ack_wait: ["ackWait", duration],
  max_ack_pending: ["maxAckPending"],
  max_deliver: ["maxDeliver"],
  deliver_policy: ["deliverPolicy"],
  replay_policy: ["replayPolicy"],
};

/**
 * The stream and its durable as resources of NACK, from the configuration that `takings stream` applies and ingress
 * checks. @throws when the configuration has a field for which no spelling is known.
 */
export function nackResources(options: TopologyOptions): string {
  const kept = { preventDelete: true };
  const resources = [
    {
      kind: "Stream",
      name: "stripe-events",
      spec: { ...spell(streamConfig(options), streamFields), ...kept },
    },
    {
      kind: "Consumer",
      name: `stripe-events-${durable.name}`,
      spec: { streamName: stream.name, ...spell(durableConfig(), consumerFields), ...kept },
    },
  ];
  const documents = resources.map(({ kind, name, spec }) =>
    stringify({ apiVersion: "jetstream.nats.io/v1beta2", kind, metadata: { name }, spec }),
  );
  return `# Made by \`pnpm manifests\` from packages/nats/src/topology.ts. Do not edit.\n${documents.join("---\n")}`;
}

function spell(config: object, fields: Readonly<Record<string, Spelling>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([field, value]) => {
      const spelling = fields[field];
      if (spelling === undefined) throw new Error(`NACK's name for ${field} is not known here`);
      const [name, convert] = spelling;
      return [name, convert === undefined ? value : convert(value)];
    }),
  );
}
