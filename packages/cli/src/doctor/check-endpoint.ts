import { TakingsError } from "@takings/domain";
import { createStripeEndpoints, type EndpointPlan, lookAtEndpoint } from "@takings/endpoint";
import { ConfigError, type Environment } from "@takings/runtime";
import { createSecretFile } from "../endpoint/secret-file.ts";
import { type EndpointSettings, readEndpointSettings } from "../endpoint/settings.ts";
import { type Check, faultsOr, type Finding, notAsked, todo } from "./check.ts";
import { isSet } from "./connections.ts";

const needed = ["STRIPE_ENDPOINT_URL", "STRIPE_ENDPOINT_SECRET_FILE"];
const keys = ["STRIPE_API_KEY", "STRIPE_API_KEY_FILE"];

/** Whether the webhook endpoint at Stripe is as this release wants it. @param limitMs after which no request is repeated. */
export function endpointCheck(environment: Environment, limitMs: number): Check {
  return {
    name: "stripe/endpoint",
    async run(): Promise<Finding> {
      const missing = needed.filter((name) => !isSet(environment, name));
      if (missing.length > 0) return notAsked(`${missing.join(" and ")} not set`);
      if (!keys.some((name) => isSet(environment, name))) return notAsked("STRIPE_API_KEY is not set");
      const settings = readSettings(environment);
      if ("problems" in settings) return todo(settings.problems.join("; "), "docs/configuration.md");
      const stripe = createStripeEndpoints({ ...settings, stopping: AbortSignal.timeout(limitMs) });
      try {
        const plan = await lookAtEndpoint(settings.wanted, {
          stripe,
          secrets: createSecretFile(settings.secretFile),
        });
        return describe(plan);
      } catch (error) {
        // Stripe refuses the key.
        if (error instanceof TakingsError && error.code === "invalid")
          return todo(error.message, "give the key this permission, or replace it");
        throw error;
      }
    },
  };
}

function describe({ wanted, changes, kept, conditions }: EndpointPlan): Finding {
  const failing = new Set(conditions.filter(({ holds }) => !holds).map(({ message }) => message));
  const isForeign = changes.some(({ kind }) => kind === "foreign");
  return faultsOr(
    // A change that no condition explains, such as of types that are not needed.
    failing.size > 0 ? [...failing] : changes.map(({ reason }) => reason),
    `run takings endpoint plan, then takings endpoint apply${isForeign ? " --adopt" : ""}`,
    `${kept.map(({ id }) => id).join(" and ")} at Stripe: enabled for ${wanted.types.length} types in version ${wanted.apiVersion}`,
  );
}

/** The settings, or what is wrong with those of the endpoint. The key is a matter of settings/secrets. */
function readSettings(environment: Environment): EndpointSettings | { readonly problems: readonly string[] } {
  try {
    return readEndpointSettings(environment, {});
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const problems = error.problems.filter((problem) => problem.startsWith("STRIPE_ENDPOINT_"));
    if (problems.length === 0) throw error;
    return { problems };
  }
}
