import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the whole project, wherever it was checked out. */
export function projectRoot(): string {
  return fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");
}

/** Where programs that were downloaded or built for this checkout are kept. */
export function toolCache(): string {
  return join(projectRoot(), "node_modules/.cache/takings");
}
