import { ConfigError, type Environment, parseEnv, readSources, type Sources } from "@takings/runtime";
import { readStripeSettings, stripeSettings } from "../../settings/stripe.ts";
import { type Check, faultsOr, notAsked } from "../check.ts";
import { isSet } from "../connections.ts";
import { isReadable, problemsOf } from "./check-secrets.ts";
import { knownSecrets } from "./secret-variables.ts";

/** Whether every source of the file has secrets of its own, its key is one, and nothing in the file is wrong. */
export function sourcesFileCheck(environment: Environment): Check {
  return {
    name: "settings/sources",
    async run() {
      if (!isSet(environment, "STRIPE_SOURCES_FILE")) return notAsked("STRIPE_SOURCES_FILE is not set");
      const file = environment["STRIPE_SOURCES_FILE"] ?? "";
      // A file that cannot be read is a matter of settings/files.
      if (!(await isReadable(file))) return notAsked("the file cannot be read: see settings/files");
      try {
        const sources = readSources(file);
        const shared = await sharedWithDefault(environment, sources);
        return faultsOr(
          [
            ...shared.map((name) => `source ${name} has a secret of STRIPE_WEBHOOK_SECRETS`),
            ...(await keyProblems(file, sources)),
          ],
          "give each source secrets of its own, and a key of Stripe: docs/sources.md",
          `${["default", ...sources.keys()].join(", ")}: each with secrets of its own`,
        );
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        return faultsOr(error.problems, "correct the file: docs/configuration.md", "");
      }
    },
  };
}

async function sharedWithDefault(environment: Environment, sources: Sources): Promise<readonly string[]> {
  const { STRIPE_SOURCES_FILE: _, ...others } = environment;
  const ofDefault = new Set((await knownSecrets(others)).keys());
  return [...sources].flatMap(([name, { webhookSecrets }]) =>
    webhookSecrets.some((secret) => ofDefault.has(secret)) ? [name] : [],
  );
}

/** A key file that cannot be read is a matter of settings/files. */
async function keyProblems(file: string, sources: Sources): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const [name, { apiKeyFile }] of sources) {
    if (apiKeyFile === undefined || !(await isReadable(apiKeyFile))) continue;
    const env = parseEnv(stripeSettings, { STRIPE_SOURCES_FILE: file });
    problems.push(...problemsOf(() => readStripeSettings(env, name)));
  }
  return problems;
}
