import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { Env } from "@takings/local";

const commands = ["chromium", "chromium-browser", "google-chrome"];

/** The Chromium that `CHROMIUM` names, or else one on the `PATH`. */
export function findChromium(env: Env): string | undefined {
  const named = env["CHROMIUM"];
  if (named !== undefined && named !== "") return isProgram(named) ? named : undefined;
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return commands.flatMap((command) => folders.map((folder) => join(folder, command))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
