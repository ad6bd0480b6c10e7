/** What ingress requires of server and stream. */
export type DurabilityNeeds = {
  /** Base URLs of monitoring ports, among them that of the server that ingress is connected to. */
  readonly monitorUrls: readonly string[];
  /** A PEM file with the authorities of `https` monitoring ports; without it the public ones. */
  readonly caFile?: string | undefined;
  readonly replicas: number;
  /** The largest message that ingress may publish, headers included. */
  readonly messageBytes: number;
};

/** Something because of which a confirmed event could still be lost. */
export type DurabilityFault = {
  /** A label value for metrics. */
  readonly check: DurabilityCheck;
  /** What is wrong and how to fix it. */
  readonly message: string;
};

/** Everything that is checked. */
export const durabilityChecks = [
  "subjects",
  "storage",
  "retention",
  "discard",
  "max_age",
  "message_ttl",
  "size_limit",
  "confirms",
  "persist_mode",
  "rollup",
  "mirror",
  "replicas",
  "message_size",
  "server",
  "sync",
  "health",
] as const;
/** The name of a check, as in metrics. */
export type DurabilityCheck = (typeof durabilityChecks)[number];

/** A condition that must hold, and the message for when it does not. */
export type DurabilityCheckResult = readonly [check: DurabilityCheck, holds: boolean, message: string];

/** The conditions that do not hold. */
export function faultsIn(results: readonly DurabilityCheckResult[]): readonly DurabilityFault[] {
  return results.filter(([, holds]) => !holds).map(([check, , message]) => ({ check, message }));
}
