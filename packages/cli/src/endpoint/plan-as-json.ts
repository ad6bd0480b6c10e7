import type { Difference, EndpointChange, EndpointPlan } from "@takings/endpoint";

/** What a command did, in addition to how the endpoint is now. */
type Done = { readonly applied?: readonly EndpointChange[]; readonly rotation?: string };

/** Formats a plan, and what was done before it, as one line of JSON. It contains no secret. */
export function planAsJson(plan: EndpointPlan, livemode: boolean, done: Done = {}): string {
  const { wanted, ours, kept, changes, conditions } = plan;
  return JSON.stringify({
    source: wanted.source,
    connect: wanted.connect,
    livemode,
    url: wanted.url,
    api_version: wanted.apiVersion,
    types: wanted.types,
    ...(done.applied !== undefined && { applied: done.applied.map(changeAsJson) }),
    ...(done.rotation !== undefined && { rotation: done.rotation }),
    changes: changes.map(changeAsJson),
    endpoints: ours.map((one) => ({
      id: one.id,
      url: one.url,
      api_version: one.apiVersion,
      enabled: one.enabled,
      created: new Date(one.created * 1_000),
    })),
    rotating: kept.length > 1,
    conditions: conditions.map(({ name, holds, reason, message }) => ({
      type: name,
      status: holds,
      reason,
      message,
    })),
  });
}

function changeAsJson(change: EndpointChange): object {
  return {
    action: change.kind,
    endpoint: change.kind === "create" ? null : change.endpoint.id,
    reason: change.reason,
    ...(change.kind === "update" && { differences: change.differences.map(differenceAsJson) }),
  };
}

function differenceAsJson(difference: Difference): object {
  switch (difference.field) {
    case "url":
      return difference;
    case "types":
      return difference;
    case "enabled":
      return { field: "status", found: "disabled", wanted: "enabled" };
  }
}
