import { durable } from "@takings/wire";
import { durableConfig } from "./topology.ts";

/** A consumer's configuration as the server says it. */
export type DurableConfig = Readonly<Record<string, unknown>>;

const update = "run `takings stream`";
const recreate = "run `takings stream replay`, which recreates it";

/** What a setting does that is not ours, and what it must be instead; `undefined` where it must not be set. */
type Setting = { readonly wanted?: unknown; readonly harm: string };

const ours = durableConfig();
const slow = "slows down or stops what is pulled from it";

/** These can be changed in place. */
const updatable: Readonly<Record<string, Setting>> = {
  max_deliver: { wanted: ours.max_deliver, harm: "gives events up after so many deliveries" },
  filter_subject: { harm: "has a filter, so it passes events over" },
  filter_subjects: { harm: "has a filter, so it passes events over" },
  headers_only: { harm: "leaves the bodies out" },
  inactive_threshold: { harm: "is forgotten when nobody reads for a while" },
  ack_wait: { wanted: ours.ack_wait, harm: "lets what a vanished process held come again late" },
  max_ack_pending: { wanted: ours.max_ack_pending, harm: slow },
  backoff: { harm: "delivers again at other times than after ack_wait" },
  max_batch: { harm: "refuses larger pulls" },
  max_bytes: { harm: "refuses pulls that do not say so few bytes" },
  max_expires: { harm: "refuses pulls that wait longer" },
  rate_limit_bps: { harm: slow },
  pause_until: { harm: "is paused" },
  num_replicas: { harm: "may survive less than its stream, or does not follow it" },
  priority_groups: { harm: "hands out events to members of a group only" },
  priority_policy: { harm: "hands out events to members of a group only" },
  priority_timeout: { harm: "hands out events to members of a group only" },
};

/** These cannot. */
const immutable: Readonly<Record<string, Setting>> = {
  ack_policy: { wanted: ours.ack_policy, harm: "settles events that nobody has committed" },
  replay_policy: { wanted: ours.replay_policy, harm: "delivers as slowly as events once came in" },
  deliver_subject: { harm: "pushes instead of being pulled from" },
  deliver_group: { harm: "pushes instead of being pulled from" },
  flow_control: { harm: "pushes instead of being pulled from" },
  idle_heartbeat: { harm: "pushes instead of being pulled from" },
  mem_storage: { harm: "keeps in memory only what is acknowledged" },
  direct: { harm: "is no ordinary consumer" },
  sourcing: { harm: "is no ordinary consumer" },
};

/** The server's own number, for pulls that wait at the same time. */
const ordinaryMaxWaiting = 512;
const skipping = ["new", "last", "last_per_subject"];

/** Whatever they are, nothing is passed over and nothing is held up by them. */
const harmless = [
  "name",
  "durable_name",
  "description",
  // Where it begins, `deliver_policy` says more: see below.
  "opt_start_seq",
  "opt_start_time",
  // Advisories to whoever listens.
  "sample_freq",
  "metadata",
];

/**
 * Names everything because of which the durable could pass over an event or hold events up, each with what mends it. A
 * setting that this version does not know is a fault too.
 */
export function durableFaults(config: DurableConfig): readonly string[] {
  const name = `consumer ${durable.name}`;
  return Object.entries({ ack_policy: undefined, ...config }).flatMap(([key, value]) => {
    if (harmless.includes(key)) return [];
    const shown = `(${key}: ${JSON.stringify(value)})`;
    if (key === "deliver_policy")
      return skipping.includes(String(value))
        ? [`${name} begins with ${String(value)} events and passes earlier ones over: ${recreate}`]
        : [];
    if (key === "max_waiting")
      return Number(value) >= ordinaryMaxWaiting
        ? []
        : [`${name} refuses pulls while others wait ${shown}: ${recreate}`];
    const setting = updatable[key] ?? immutable[key];
    if (setting === undefined)
      return isUnset(value) ? [] : [`${name} has a setting that is not ours ${shown}: ${recreate}`];
    if (isRight(key, value, setting)) return [];
    return [`${name} ${setting.harm} ${shown}: ${key in updatable ? update : recreate}`];
  });
}

/** What {@link durableFaults} says is mended by an update, as it should be. */
export function updatableSettings(): Readonly<Record<string, unknown>> {
  // A pause is ended by a request of its own.
  const { pause_until: _, ...settings } = updatable;
  return Object.fromEntries(Object.entries(settings).map(([key, { wanted }]) => [key, wanted]));
}

function isRight(key: string, value: unknown, { wanted }: Setting): boolean {
  if (key === "pause_until") return !isPaused(value);
  if (wanted === undefined) return isUnset(value);
  // What comes again sooner than it has to changes nothing but how often it comes.
  if (key === "ack_wait") return typeof value === "number" && value > 0 && value <= Number(wanted);
  return value === wanted;
}

/** A pause that is over is still shown. */
export function isPaused(until: unknown): boolean {
  return typeof until === "string" && Date.parse(until) > Date.now();
}

/** The server leaves out what is not set, or says its zero. */
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
