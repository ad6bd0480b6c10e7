import { fileURLToPath } from "node:url";

/** The folder of the whole project, wherever it was checked out. */
export function projectRoot(): string {
  return fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");
}
