import { durable } from "@takings/wire";
import { durableConfig } from "./topology.ts";

/** A consumer's configuration as the server returns it. */
export type DurableConfig = Readonly<Record<string, unknown>>;

const update = "run `takings stream`";
const recreate = "run `takings stream replay`, which recreates it";

/** What a setting must be (`undefined`: not set), and what another value does. */
type Setting = { readonly wanted?: unknown; readonly harm: string };

const ours = durableConfig();
const slow = "slows down or stops what is pulled from it";

/** Settings that can be changed in place. */
const updatable: Readonly<Record<string, Setting>> = {
  max_deliver: { wanted: ours.max_deliver, harm: "gives up on events after so many deliveries" },
  filter_subject: { harm: "has a filter, so it skips events" },
  filter_subjects: { harm: "has a filter, so it skips events" },
  headers_only: { harm: "delivers no bodies" },
  inactive_threshold: { harm: "is deleted when nothing is pulled for a while" },
  ack_wait: { wanted: ours.ack_wait, harm: "redelivers events of a crashed process late" },
  max_ack_pending: { wanted: ours.max_ack_pending, harm: slow },
  backoff: { harm: "redelivers at other times than after ack_wait" },
  max_batch: { harm: "refuses larger pulls" },
  max_bytes: { harm: "refuses pulls without such a byte limit" },
  max_expires: { harm: "refuses pulls that wait longer" },
  rate_limit_bps: { harm: slow },
  pause_until: { harm: "is paused" },
  num_replicas: { harm: "has its own number of replicas instead of its stream's" },
  priority_groups: { harm: "delivers events to members of a group only" },
  priority_policy: { harm: "delivers events to members of a group only" },
  priority_timeout: { harm: "delivers events to members of a group only" },
};

/** Settings that cannot be changed. */
const immutable: Readonly<Record<string, Setting>> = {
  ack_policy: { wanted: ours.ack_policy, harm: "treats events as acknowledged that are not committed" },
  replay_policy: { wanted: ours.replay_policy, harm: "delivers as slowly as events were received" },
  deliver_subject: { harm: "pushes instead of being pulled from" },
  deliver_group: { harm: "pushes instead of being pulled from" },
  flow_control: { harm: "pushes instead of being pulled from" },
  idle_heartbeat: { harm: "pushes instead of being pulled from" },
  mem_storage: { harm: "keeps acknowledgements in memory only" },
  direct: { harm: "is no ordinary consumer" },
  sourcing: { harm: "is no ordinary consumer" },
};

/** The server's default of how many pulls may wait at the same time. */
const defaultMaxWaiting = 512;
const skipping = ["new", "last", "last_per_subject"];

/** Settings that make it skip or delay no event, whatever their value. */
const harmless = [
  "name",
  "durable_name",
  "description",
  // Where it starts depends on `deliver_policy`, which is checked below.
  "opt_start_seq",
  "opt_start_time",
  // Only for advisories.
  "sample_freq",
  "metadata",
];

/**
 * Lists everything because of which the durable could skip or delay events, each with its fix. A setting that this version
 * does not know is a fault too.
 */
export function durableFaults(config: DurableConfig): readonly string[] {
  const name = `consumer ${durable.name}`;
  return Object.entries({ ack_policy: undefined, ...config }).flatMap(([key, value]) => {
    if (harmless.includes(key)) return [];
    const shown = `(${key}: ${JSON.stringify(value)})`;
    if (key === "deliver_policy")
      return skipping.includes(String(value))
        ? [`${name} starts with ${String(value)} events and skips earlier ones: ${recreate}`]
        : [];
    if (key === "max_waiting")
      return Number(value) >= defaultMaxWaiting
        ? []
        : [`${name} refuses pulls while others wait ${shown}: ${recreate}`];
    const setting = updatable[key] ?? immutable[key];
    if (setting === undefined)
      return isUnset(value) ? [] : [`${name} has an unexpected setting ${shown}: ${recreate}`];
    if (isAcceptable(key, value, setting)) return [];
    return [`${name} ${setting.harm} ${shown}: ${key in updatable ? update : recreate}`];
  });
}

/** The settings that can be changed in place, with the values they must have. */
export function updatableSettings(): Readonly<Record<string, unknown>> {
  // A pause is ended by a separate request.
  const { pause_until: _, ...settings } = updatable;
  return Object.fromEntries(Object.entries(settings).map(([key, { wanted }]) => [key, wanted]));
}

function isAcceptable(key: string, value: unknown, { wanted }: Setting): boolean {
  if (key === "pause_until") return !isPaused(value);
  if (wanted === undefined) return isUnset(value);
  // Earlier redelivery costs work but loses nothing.
  if (key === "ack_wait") return typeof value === "number" && value > 0 && value <= Number(wanted);
  return value === wanted;
}

/** The server still returns a pause that is over. */
export function isPaused(until: unknown): boolean {
  return typeof until === "string" && Date.parse(until) > Date.now();
}

/** The server omits what is not set, or returns its zero value. */
function isUnset(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === "" ||
    value === 0 ||
    value === false ||
    (Array.isArray(value) && value.length === 0)
  );
}
