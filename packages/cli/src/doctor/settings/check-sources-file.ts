import { access, constants } from "node:fs/promises";
import { ConfigError, type Environment, readSources } from "@takings/runtime";
import { type Check, faultsOr, notAsked } from "../check.ts";
import { isSet } from "../connections.ts";
import { knownSecrets } from "./secret-variables.ts";

/** Whether every source of the file has secrets of its own, and nothing in the file is wrong. */
export function sourcesFileCheck(environment: Environment): Check {
  return {
    name: "settings/sources",
    async run() {
      if (!isSet(environment, "STRIPE_SOURCES_FILE")) return notAsked("STRIPE_SOURCES_FILE is not set");
      const file = environment["STRIPE_SOURCES_FILE"] ?? "";
      // A file that cannot be read is a matter of settings/files.
      const isReadable = await access(file, constants.R_OK).then(
        () => true,
        () => false,
      );
      if (!isReadable) return notAsked("the file cannot be read: see settings/files");
      try {
        const sources = readSources(file);
        const shared = await sharedWithDefault(environment, sources);
        return faultsOr(
          shared.map((name) => `source ${name} has a secret of STRIPE_WEBHOOK_SECRETS`),
          "give each source secrets of its own: docs/configuration.md",
          `${["default", ...sources.keys()].join(", ")}: each with secrets of its own`,
        );
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        return faultsOr(error.problems, "correct the file: docs/configuration.md", "");
      }
    },
  };
}

async function sharedWithDefault(
  environment: Environment,
  sources: ReturnType<typeof readSources>,
): Promise<readonly string[]> {
  const { STRIPE_SOURCES_FILE: _, ...others } = environment;
  const ofDefault = new Set((await knownSecrets(others)).keys());
  return [...sources].flatMap(([name, { webhookSecrets }]) =>
    webhookSecrets.some((secret) => ofDefault.has(secret)) ? [name] : [],
  );
}
