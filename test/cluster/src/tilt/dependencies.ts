import { TiltfileError } from "./run-tiltfile.ts";

type Depending = { readonly name: string; readonly dependencies: readonly string[] };

/**
 * Checks what the resources wait for. Tilt only warns about an unknown dependency, and ignores it.
 * Source: sanitizeDependencies in internal/tiltfile/tiltfile_state.go.
 * @returns the warnings
 * @throws TiltfileError for a cycle
 */
export function checkDependencies(resources: readonly Depending[]): readonly string[] {
  const warnings: string[] = [];
  for (const { name, dependencies } of resources)
    for (const dependency of dependencies)
      if (!resources.some((resource) => resource.name === dependency))
        warnings.push(
          `resource ${name} specified a dependency on unknown resource ${dependency} - dependency ignored`,
        );
  for (const { name } of resources)
    if (predecessors(resources, name).has(name))
      throw new TiltfileError(`cycle detected in resource dependency graph: ${name}`);
  return warnings;
}

/** Every resource that is ready before this one starts. */
export function predecessors(resources: readonly Depending[], name: string): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (each: string): void => {
    for (const before of resources.find((resource) => resource.name === each)?.dependencies ?? []) {
      if (found.has(before)) continue;
      found.add(before);
      visit(before);
    }
  };
  visit(name);
  return found;
}
