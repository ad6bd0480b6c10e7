import { isRetiring, secretKey } from "./marks.ts";
import type { FoundEndpoint } from "./stripe-endpoints.ts";
import type { WantedEndpoint } from "./wanted.ts";

/** The conditions of an endpoint, in the manner of Kubernetes; `Ready` is all of them. */
export const conditionNames = ["Ready", "TypesComplete", "VersionPinned", "Enabled", "SecretLive"] as const;

export type ConditionName = (typeof conditionNames)[number];

/** Whether a condition holds, and why. */
export type Condition = {
  readonly name: ConditionName;
  readonly holds: boolean;
  /** One word in CamelCase, for programs. */
  readonly reason: string;
  /** A sentence for people. */
  readonly message: string;
};

/**
 * The conditions of the endpoints of ours as they are now. Each must hold for every enabled one, because Stripe sends each
 * event to all of them.
 * @param stored the fingerprints of the stored secrets.
 */
export function conditionsOf(
  wanted: WantedEndpoint,
  ours: readonly FoundEndpoint[],
  stored: ReadonlySet<string>,
): readonly Condition[] {
  const staying = ours.filter((one) => !isRetiring(one));
  if (staying.length === 0) {
    const message = `there is no endpoint of source ${wanted.source}: run \`takings endpoint apply\``;
    return conditionNames.map((name) => ({ name, holds: false, reason: "NoEndpoint", message }));
  }
  const enabled = staying.filter((one) => one.enabled);
  const shown = enabled.length > 0 ? enabled : staying;
  const each = [
    typesComplete(wanted, shown),
    versionPinned(wanted, shown),
    isEnabled(staying),
    secretLive(stored, shown),
  ];
  return [ready(each, wanted, shown), ...each];
}

function ready(
  each: readonly Condition[],
  wanted: WantedEndpoint,
  shown: readonly FoundEndpoint[],
): Condition {
  const failing = each.find(({ holds }) => !holds);
  if (failing !== undefined) return { ...failing, name: "Ready" };
  const elsewhere = shown.find(({ url }) => url !== wanted.url);
  if (elsewhere !== undefined) {
    const message = `${elsewhere.id} sends to ${elsewhere.url}, wanted is ${wanted.url}`;
    return { name: "Ready", holds: false, reason: "UrlDiffers", message };
  }
  const message = `${shown.map(({ id }) => id).join(" and ")} as wanted`;
  return { name: "Ready", holds: true, reason: "AsWanted", message };
}

function typesComplete({ types }: WantedEndpoint, shown: readonly FoundEndpoint[]): Condition {
  const name = "TypesComplete";
  for (const one of shown) {
    const missing = one.types.includes("*") ? [] : types.filter((type) => !one.types.includes(type));
    if (missing.length > 0) {
      const message = `${one.id} does not receive ${missing.join(", ")}`;
      return { name, holds: false, reason: "TypesMissing", message };
    }
  }
  return {
    name,
    holds: true,
    reason: "TypesComplete",
    message: `all ${types.length} event types are received`,
  };
}

function versionPinned({ apiVersion }: WantedEndpoint, shown: readonly FoundEndpoint[]): Condition {
  const name = "VersionPinned";
  const other = shown.find((one) => one.apiVersion !== apiVersion);
  if (other === undefined) {
    return { name, holds: true, reason: "VersionPinned", message: `the API version is ${apiVersion}` };
  }
  const message = `${other.id} has API version ${other.apiVersion ?? "of the account"}, wanted is ${apiVersion}`;
  return { name, holds: false, reason: "VersionDiffers", message };
}

function isEnabled(staying: readonly FoundEndpoint[]): Condition {
  const name = "Enabled";
  const enabled = staying.find((one) => one.enabled);
  if (enabled !== undefined) {
    return { name, holds: true, reason: "Enabled", message: `${enabled.id} is enabled` };
  }
  const ids = staying.map(({ id }) => id).join(" and ");
  const message = `${ids} disabled, by Stripe after failed deliveries or by a user: Stripe sends nothing`;
  return { name, holds: false, reason: "Disabled", message };
}

function secretLive(stored: ReadonlySet<string>, shown: readonly FoundEndpoint[]): Condition {
  const name = "SecretLive";
  const unknown = shown.find((one) => !stored.has(one.metadata[secretKey] ?? ""));
  if (unknown !== undefined) {
    const message = `the secret of ${unknown.id} is not among the stored ones: its deliveries are refused`;
    return { name, holds: false, reason: "SecretUnknown", message };
  }
  return { name, holds: true, reason: "SecretLive", message: "the stored secrets verify its deliveries" };
}
