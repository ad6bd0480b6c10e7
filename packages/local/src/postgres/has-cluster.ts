import { existsSync } from "node:fs";
import { join } from "node:path";

/** True where a server's directory has a cluster. */
export function hasCluster(dir: string): boolean {
  return existsSync(join(dir, "data", "PG_VERSION"));
}
