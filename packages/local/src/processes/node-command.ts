import { join } from "node:path";
import type { Env } from "../env.ts";
import { projectRoot } from "../project-root.ts";

/**
 * Where node caches compiled sources. From the second start on a service is ready sooner and uses 20 MB less, because
 * the TypeScript compiler is not loaded. The image has a cache of its own.
 */
const compileCache: Env = { NODE_COMPILE_CACHE: join(projectRoot(), "node_modules/.cache/compiled") };

/** How to run one of the project's programs with the current node, in exactly this environment. */
export function nodeCommand(
  args: readonly string[],
  env: Env,
): { readonly command: string; readonly args: readonly string[]; readonly cwd: string; readonly env: Env } {
  return { command: process.execPath, args, cwd: projectRoot(), env: { ...compileCache, ...env } };
}
