import type { Difference, EndpointChange, EndpointPlan, FoundEndpoint } from "@takings/endpoint";

/** The wanted endpoint in a line. */
export function formatHead({ wanted }: EndpointPlan, livemode: boolean): string {
  const { source, connect, url, apiVersion, types } = wanted;
  const kind = connect ? ", connected accounts" : "";
  return (
    `Source ${source}${kind}, ${livemode ? "live" : "test"} mode: ${url}, API version ${apiVersion}, ` +
    `${types.length} event types`
  );
}

/** A change as a difference: `+` is added, `-` removed, `~` changed, `!` left alone. */
export function formatChange(change: EndpointChange): string {
  switch (change.kind) {
    case "create":
      return block("+ create an endpoint", [change.reason]);
    case "remove":
      return block(`- delete ${nameOf(change.endpoint)} and its secret`, [change.reason]);
    case "disable":
      return block(`~ disable ${nameOf(change.endpoint)}`, [change.reason]);
    case "adopt":
      return block(`~ adopt ${nameOf(change.endpoint)}`, [change.reason]);
    case "update":
      return block(`~ change ${change.endpoint.id}`, [
        change.reason,
        ...change.differences.flatMap(formatDifference),
      ]);
    case "foreign":
      return block(`! ${nameOf(change.endpoint)} is not ours`, [change.reason]);
  }
}

/** How an endpoint that needs no change is. */
export function formatState({ kept, changes }: EndpointPlan): string {
  if (changes.length > 0) return `${changes.length} to do`;
  const ids = kept.map(({ id }) => id).join(" and ");
  return kept.length > 1
    ? `nothing to do: a rotation is in progress (${ids}); \`takings endpoint rotate --finish\` removes the older one`
    : `nothing to do: ${ids} is as wanted`;
}

function formatDifference(difference: Difference): readonly string[] {
  switch (difference.field) {
    case "url":
      return [`~ url: ${difference.found} -> ${difference.wanted}`];
    case "enabled":
      return ["~ status: disabled -> enabled"];
    case "types":
      return [
        ...difference.missing.map((type) => `+ type: ${type}`),
        ...difference.extra.map((type) => `- type: ${type}`),
      ];
  }
}

function nameOf({ id, url, apiVersion, enabled }: FoundEndpoint): string {
  const version = apiVersion ?? "the account's API version";
  return `${id} (${url}, ${version}, ${enabled ? "enabled" : "disabled"})`;
}

function block(title: string, lines: readonly string[]): string {
  return [title, ...lines.map((line) => `    ${line}`)].join("\n");
}
