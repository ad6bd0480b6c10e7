import { TakingsError } from "@takings/domain";
import { lookAtEndpoint } from "./apply-endpoint.ts";
import { carryOut } from "./carry-out.ts";
import type { EndpointDependencies } from "./dependencies.ts";
import { replacesKey } from "./marks.ts";
import type { EndpointPlan } from "./plan.ts";
import type { FoundEndpoint } from "./stripe-endpoints.ts";
import type { WantedEndpoint } from "./wanted.ts";

/** What a rotation did: `nothing` where it was begun, or finished, before. */
export type Rotation = { readonly done: "begun" | "finished" | "nothing"; readonly plan: EndpointPlan };

/**
 * Adds an endpoint with a secret of its own beside the present one. Stripe then sends each event to both; their copies have
 * one event id and are counted once. Does nothing where two exist already.
 * @throws TakingsError `invalid` where there is no usable endpoint of ours.
 */
export async function beginRotation(
  wanted: WantedEndpoint,
  dependencies: EndpointDependencies,
): Promise<Rotation> {
  const { kept, changes } = await requireUsable(wanted, dependencies);
  await carryOut(wanted, changes, dependencies);
  const [present, second] = kept;
  const isBegun = present === undefined || second !== undefined;
  if (!isBegun) {
    const reason = `it replaces ${present.id} after the rotation`;
    await carryOut(wanted, [{ kind: "create", rotates: present, reason }], dependencies);
  }
  return { done: isBegun ? "nothing" : "begun", plan: await lookAtEndpoint(wanted, dependencies) };
}

/**
 * Removes all endpoints but the newest, and their secrets. Does nothing where there is one only.
 * @throws TakingsError `invalid` where there is no usable endpoint of ours.
 */
export async function finishRotation(
  wanted: WantedEndpoint,
  dependencies: EndpointDependencies,
): Promise<Rotation> {
  const { kept, changes } = await requireUsable(wanted, dependencies);
  await carryOut(wanted, changes, dependencies);
  const newest = newestOf(kept);
  const old = kept.filter((one) => one !== newest);
  const reason = `${newest?.id} replaces it`;
  await carryOut(
    wanted,
    old.map((endpoint) => ({ kind: "remove", endpoint, reason })),
    dependencies,
  );
  const done = old.length === 0 ? "nothing" : "finished";
  return { done, plan: await lookAtEndpoint(wanted, dependencies) };
}

/** The plan, without foreign endpoints, where an endpoint of ours stays. */
async function requireUsable(
  wanted: WantedEndpoint,
  dependencies: EndpointDependencies,
): Promise<EndpointPlan> {
  const plan = await lookAtEndpoint(wanted, dependencies);
  if (plan.kept.length > 0) return plan;
  const state =
    plan.ours.length === 0
      ? `there is no endpoint of source ${wanted.source}`
      : `no endpoint of source ${wanted.source} has the wanted API version and a stored secret`;
  throw new TakingsError("invalid", `${state}: run \`takings endpoint apply\` first`);
}

/** The latest, and of those made in one second the one that no other replaces. */
function newestOf(kept: readonly FoundEndpoint[]): FoundEndpoint | undefined {
  const replaced = new Set(kept.map(({ metadata }) => metadata[replacesKey]));
  return kept.findLast(({ id }) => !replaced.has(id)) ?? kept.at(-1);
}
