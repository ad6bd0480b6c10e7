import { access, constants } from "node:fs/promises";
import { ConfigError, createLogger, type Environment, followSecrets } from "@takings/runtime";
import { readStripeKey } from "../stripe-key.ts";
import { type Check, faultsOr, notAsked } from "../check.ts";
import { isSet } from "../connections.ts";
import { secretVariables } from "./secret-variables.ts";

/** Whether signing secrets, tokens and the API key have the form of such. */
export function secretsCheck(environment: Environment): Check {
  return {
    name: "settings/secrets",
    async run() {
      const given = secretVariables.filter(({ name }) =>
        [name, `${name}_FILE`].some((one) => isSet(environment, one)),
      );
      if (given.length === 0) return notAsked("no secret is set here");
      const faults: string[] = [];
      for (const { name, shape } of given) {
        const file = isSet(environment, `${name}_FILE`) ? environment[`${name}_FILE`] : undefined;
        // A file that cannot be read is a matter of settings/files.
        if (file !== undefined && !(await isReadable(file))) continue;
        const source = { name, text: environment[name], file, ...(shape !== undefined && { shape }) };
        faults.push(
          ...problemsOf(() =>
            name === "STRIPE_API_KEY"
              ? readStripeKey(environment)
              : followSecrets(source, createLogger({ service: "doctor", level: "silent" })),
          ),
        );
      }
      return faultsOr(
        faults,
        "replace them: docs/configuration.md",
        `${given.map(({ name }) => name).join(", ")}: well formed`,
      );
    },
  };
}

/** What is wrong with settings that are read; other errors are thrown. */
export function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** Whether a file can be read here. */
export async function isReadable(file: string): Promise<boolean> {
  return access(file, constants.R_OK).then(
    () => true,
    () => false,
  );
}
