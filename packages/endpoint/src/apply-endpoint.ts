import { TakingsError } from "@takings/domain";
import { carryOut } from "./carry-out.ts";
import type { EndpointDependencies } from "./dependencies.ts";
import type { EndpointPlan, PlanOptions } from "./plan.ts";
import { planEndpoint } from "./plan-endpoint.ts";
import type { WantedEndpoint } from "./wanted.ts";

/** A plan that was carried out leaves nothing to do, unless something else changes the endpoint too. */
const maxRounds = 3;

/** Compares the endpoint at Stripe with what is wanted. Writes nothing. @throws TakingsError */
export async function lookAtEndpoint(
  wanted: WantedEndpoint,
  { stripe, secrets }: Pick<EndpointDependencies, "stripe" | "secrets">,
  options: PlanOptions = {},
): Promise<EndpointPlan> {
  const known = await secrets.read();
  return planEndpoint(wanted, await stripe.list(), known, options);
}

/**
 * Brings the endpoint into the wanted state, and returns the plan afterwards: only foreign endpoints are left in it. It may be
 * interrupted at any moment: the next call completes it. @throws TakingsError
 */
export async function applyEndpoint(
  wanted: WantedEndpoint,
  dependencies: EndpointDependencies,
  options: PlanOptions = {},
): Promise<EndpointPlan> {
  for (let round = 0; ; round += 1) {
    const plan = await lookAtEndpoint(wanted, dependencies, options);
    const changes = plan.changes.filter(({ kind }) => kind !== "foreign");
    if (changes.length === 0) return plan;
    if (round === maxRounds) {
      throw new TakingsError(
        "unavailable",
        `the endpoint still differs from what is wanted after ${maxRounds} attempts: another process may be changing it; ` +
          "see `takings endpoint plan`",
      );
    }
    await carryOut(wanted, changes, dependencies);
  }
}
