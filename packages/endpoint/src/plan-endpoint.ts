import { defaultSource } from "@takings/domain";
import { conditionsOf } from "./conditions.ts";
import { fallbackOf } from "./fallback.ts";
import {
  adoptionMarks,
  isOurs,
  isRetiring,
  managedByKey,
  secretKey,
  sourceKey,
  unknownSecret,
} from "./marks.ts";
import type { Difference, EndpointChange, EndpointPlan, PlanOptions } from "./plan.ts";
import { fingerprintOf } from "./secret-store.ts";
import { type FoundEndpoint, usualLimit } from "./stripe-endpoints.ts";
import type { WantedEndpoint } from "./wanted.ts";

/**
 * Compares the wanted endpoint with all that exist, and decides the changes and their order. Between any two of them the
 * state is one from which the next plan leads to the same end. No two endpoints of different API versions are ever enabled.
 * @param secrets the signing secrets that are stored now.
 */
export function planEndpoint(
  wanted: WantedEndpoint,
  found: readonly FoundEndpoint[],
  secrets: readonly string[],
  { adopt = false, isInProgress = () => false }: PlanOptions = {},
): EndpointPlan {
  const stored = new Set(secrets.map(fingerprintOf));
  const ours = found.filter((one) => isOurs(one, wanted)).toSorted(byAge);
  const foreign = found.filter((one) => one.url === wanted.url && !isOfSource(one, wanted));
  const candidates = [...ours, ...(adopt ? foreign.map((one) => adopted(one, wanted)) : [])];
  const kept = candidates.filter((one) => isUsable(one, wanted, stored));
  const context = { wanted, ours, stored, isInProgress, isFull: found.length >= usualLimit };
  // One of ours beside it would receive the same events, perhaps in another API version.
  const isTaken = candidates.length === 0 && foreign.length > 0;
  return {
    wanted,
    ours,
    kept,
    changes: [
      ...foreign.map((one): EndpointChange => (adopt ? adoptionOf(one, wanted) : foreignChange(one, wanted))),
      ...(kept.length > 0
        ? maintain(candidates, kept, context)
        : isTaken
          ? []
          : replace(candidates, context)),
    ],
    conditions: conditionsOf(wanted, ours, stored),
  };
}

type Context = Required<Pick<PlanOptions, "isInProgress">> & {
  readonly wanted: WantedEndpoint;
  readonly ours: readonly FoundEndpoint[];
  /** The fingerprints of the stored secrets. */
  readonly stored: ReadonlySet<string>;
  /** Another endpoint may be refused. */
  readonly isFull: boolean;
};

/** Keeps the usable endpoints in order and removes all others; those of another API version first. */
function maintain(
  candidates: readonly FoundEndpoint[],
  kept: readonly FoundEndpoint[],
  context: Context,
): readonly EndpointChange[] {
  const { wanted, isInProgress } = context;
  const isLeft = (one: FoundEndpoint): boolean =>
    !isRetiring(one) &&
    one.metadata[secretKey] === undefined &&
    one.apiVersion === wanted.apiVersion &&
    isInProgress(one);
  const others = candidates.filter((one) => !kept.includes(one) && !isLeft(one));
  return [
    ...others.filter((one) => one.apiVersion !== wanted.apiVersion).map((one) => removalOf(one, context)),
    ...kept.flatMap((one) => updateOf(one, wanted)),
    ...others.filter((one) => one.apiVersion === wanted.apiVersion).map((one) => removalOf(one, context)),
  ];
}

/** Creates an endpoint, and removes what it replaces. */
function replace(candidates: readonly FoundEndpoint[], context: Context): readonly EndpointChange[] {
  const { wanted, ours, isFull } = context;
  const replaces = candidates.filter((one) => !isRetiring(one));
  // Without a free place, one that never had an accepted secret makes room.
  const first = candidates.filter(
    (one) => isRetiring(one) || (isFull && one.metadata[secretKey] === undefined),
  );
  const reasons = replaces.map((one) => `${one.id}: ${whyNotKept(one, context)}`);
  const disables = replaces.filter(
    (one) => one.enabled && one.apiVersion !== wanted.apiVersion && !first.includes(one),
  );
  const lacksPlace = isFull && first.length === 0 && disables.length > 0;
  if (lacksPlace) reasons.push(`refused, because ${usualLimit} endpoints exist: delete one first`);
  const create: EndpointChange = {
    kind: "create",
    fallback: fallbackOf(
      wanted,
      ours,
      replaces.filter((one) => !first.includes(one)),
    ),
    lacksPlace,
    reason:
      reasons.length === 0
        ? `there is no endpoint of source ${wanted.source}${wanted.connect ? " for connected accounts" : ""}`
        : reasons.join("; "),
  };
  return [
    ...first.map((one) => removalOf(one, context)),
    ...disables.map(
      (endpoint): EndpointChange => ({
        kind: "disable",
        endpoint,
        reason:
          "one event must not arrive in two API versions. Stripe does not send what happens until the new endpoint " +
          `exists: ${reconcileCommand(wanted)} closes this gap`,
      }),
    ),
    create,
    ...replaces.filter((one) => !first.includes(one)).map((one) => removalOf(one, context)),
  ];
}

function updateOf(endpoint: FoundEndpoint, wanted: WantedEndpoint): readonly EndpointChange[] {
  const { url, types, enabled } = endpoint;
  const missing = wanted.types.filter((type) => !types.includes(type));
  const extra = types.filter((type) => !wanted.types.includes(type));
  const differences: readonly Difference[] = [
    ...(url === wanted.url ? [] : [{ field: "url", found: url, wanted: wanted.url } as const]),
    ...(missing.length + extra.length === 0 ? [] : [{ field: "types", missing, extra } as const]),
    ...(enabled ? [] : [{ field: "enabled", found: false, wanted: true } as const]),
  ];
  if (differences.length === 0) return [];
  const reason = enabled
    ? "it differs from what is wanted"
    : `it is disabled. Stripe does not send what happened since: ${reconcileCommand(wanted)} closes this gap`;
  return [{ kind: "update", endpoint, differences, reason }];
}

function removalOf(endpoint: FoundEndpoint, context: Context): EndpointChange {
  return { kind: "remove", endpoint, reason: whyNotKept(endpoint, context) };
}

function foreignChange(endpoint: FoundEndpoint, { source }: WantedEndpoint): EndpointChange {
  const owner =
    endpoint.metadata[managedByKey] === "takings" ? `source ${endpoint.metadata[sourceKey]}` : undefined;
  return {
    kind: "foreign",
    endpoint,
    reason:
      `it has our URL and ${owner === undefined ? "is not marked as ours" : `is marked as that of ${owner}`}: delete it ` +
      `in Stripe's Dashboard, or let \`takings endpoint apply --adopt\` replace it for source ${source}`,
  };
}

function adoptionOf(endpoint: FoundEndpoint, { source }: WantedEndpoint): EndpointChange {
  return { kind: "adopt", endpoint, reason: `it has our URL, and becomes that of source ${source}` };
}

function adopted(endpoint: FoundEndpoint, wanted: WantedEndpoint): FoundEndpoint {
  return { ...endpoint, metadata: { ...endpoint.metadata, ...adoptionMarks(wanted) } };
}

function isUsable(endpoint: FoundEndpoint, wanted: WantedEndpoint, stored: ReadonlySet<string>): boolean {
  const isLive = stored.has(endpoint.metadata[secretKey] ?? "");
  return !isRetiring(endpoint) && isLive && endpoint.apiVersion === wanted.apiVersion;
}

/** Why an endpoint of ours does not stay. */
function whyNotKept(endpoint: FoundEndpoint, { wanted, stored }: Context): string {
  const { apiVersion, metadata } = endpoint;
  const fingerprint = metadata[secretKey];
  if (isRetiring(endpoint)) return "its removal was begun";
  if (apiVersion !== wanted.apiVersion) {
    const version = apiVersion ?? "the account's default";
    return `its API version is ${version}, wanted is ${wanted.apiVersion}, and Stripe does not let it be changed`;
  }
  if (fingerprint === unknownSecret)
    return "it was created elsewhere, and Stripe does not show its secret again";
  if (fingerprint === undefined) return "its secret was not stored; an earlier run was probably interrupted";
  return stored.has(fingerprint)
    ? "another endpoint replaces it"
    : `its secret (SHA-256 ${fingerprint}…) is not among the stored ones, and Stripe does not show it again`;
}

function reconcileCommand({ source, connect }: WantedEndpoint): string {
  const ofSource = source === defaultSource ? "" : ` --source ${source}`;
  return `\`takings reconcile${ofSource}${connect ? " --account …" : ""}\``;
}

/** Whether it is ours, for the account's own events or for those of connected accounts. */
function isOfSource(endpoint: FoundEndpoint, wanted: WantedEndpoint): boolean {
  return [true, false].some((connect) => isOurs(endpoint, { ...wanted, connect }));
}

function byAge(a: FoundEndpoint, b: FoundEndpoint): number {
  return a.created - b.created || (a.id < b.id ? -1 : 1);
}
