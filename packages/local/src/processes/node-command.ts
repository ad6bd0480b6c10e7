import { join } from "node:path";
import type { Env } from "../env.ts";
import { projectRoot } from "../project-root.ts";

/**
 * Where node keeps what it makes of the sources. From the second start on a service is ready sooner and holds 20 MB
 * less, because nothing loads the TypeScript compiler. The image brings its own.
 */
const compileCache: Env = { NODE_COMPILE_CACHE: join(projectRoot(), "node_modules/.cache/compiled") };

/** How one of the project's programs is run with this very node, in exactly this environment. */
export function nodeCommand(
  args: readonly string[],
  env: Env,
): { readonly command: string; readonly args: readonly string[]; readonly cwd: string; readonly env: Env } {
  return { command: process.execPath, args, cwd: projectRoot(), env: { ...compileCache, ...env } };
}
