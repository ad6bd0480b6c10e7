import { durable } from "@takings/wire";

/** The part of a consumer's configuration on which the promise rests. */
export type DurableConfig = {
  readonly ack_policy?: string | undefined;
  readonly deliver_policy?: string | undefined;
  readonly deliver_subject?: string | undefined;
  readonly filter_subject?: string | undefined;
  readonly filter_subjects?: readonly string[] | undefined;
  readonly headers_only?: boolean | undefined;
  readonly inactive_threshold?: number | undefined;
  readonly max_deliver?: number | undefined;
};

const skipping = ["new", "last", "last_per_subject"];
const update = "run `takings stream`";
const remake = "run `takings stream replay`, which makes it anew";

/** Names everything because of which the durable could pass over an event, each with what mends it. */
export function durableFaults(config: DurableConfig): readonly string[] {
  const name = `consumer ${durable.name}`;
  const filtered = config.filter_subject || config.filter_subjects?.length;
  const checks: [boolean, string][] = [
    [
      config.ack_policy === "explicit",
      `${name} has ack policy ${config.ack_policy}, which settles events that nobody has committed: ${remake}`,
    ],
    [
      (config.max_deliver ?? -1) <= 0,
      `${name} gives an event up after ${config.max_deliver} deliveries; it must never: ${update}`,
    ],
    [!filtered, `${name} has a filter, so it passes events over; it must have none: ${update}`],
    [
      !skipping.includes(config.deliver_policy ?? "all"),
      `${name} begins with ${config.deliver_policy} events and passes earlier ones over: ${remake}`,
    ],
    [config.headers_only !== true, `${name} leaves the bodies out (headers_only): ${update}`],
    [
      !config.inactive_threshold,
      `${name} is forgotten when nobody reads for a while (inactive_threshold): ${update}`,
    ],
    [!config.deliver_subject, `${name} pushes instead of being pulled from: ${remake}`],
  ];
  return checks.filter(([holds]) => !holds).map(([, fault]) => fault);
}
