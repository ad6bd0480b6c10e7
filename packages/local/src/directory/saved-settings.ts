import { rmSync } from "node:fs";
import { join } from "node:path";
import { readJson, writePrivately } from "./atomic-file.ts";
import { type Env, variable } from "../env.ts";

// Settings that commands and the demo need with the same values as the services; of a pair, one is enough.
const savedNames = [
  ["STRIPE_WEBHOOK_SECRETS", "STRIPE_WEBHOOK_SECRETS_FILE"],
  ["STRIPE_SOURCES_FILE"],
  ["API_TOKENS", "API_TOKENS_FILE"],
  ["STRIPE_ACCOUNT_ID"],
  ["DEFAULT_LIVEMODE"],
];

/** Saves the settings of a running stack for commands in another terminal; private to its owner. */
export function saveSettings(dir: string, env: Env): void {
  const given = savedNames.flat().filter((name) => variable(env, name) !== undefined);
  const settings = Object.fromEntries(given.map((name) => [name, env[name]]));
  writePrivately(settingsPath(dir), `${JSON.stringify(settings, null, 2)}\n`);
}

/** The environment, completed with the settings of the stack on this directory. */
export function withSavedSettings(dir: string, env: Env): Env {
  const content = readJson(settingsPath(dir));
  if (typeof content !== "object" || content === null) return env;
  const saved: Env = Object.fromEntries(
    Object.entries(content).filter(([, value]) => typeof value === "string"),
  );
  const open = savedNames.filter((names) => names.every((name) => variable(env, name) === undefined)).flat();
  const added = open.filter((name) => name in saved).map((name) => [name, saved[name]]);
  return { ...env, ...Object.fromEntries(added) };
}

/** Removes them after a stop. */
export function removeSavedSettings(dir: string): void {
  rmSync(settingsPath(dir), { force: true });
}

function settingsPath(dir: string): string {
  return join(dir, "settings.json");
}
