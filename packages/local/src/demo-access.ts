import { readFileSync } from "node:fs";
import { type Env, variable } from "./env.ts";
import { LocalFailure } from "./failure.ts";
import { webhookUrl } from "./network/http-address.ts";
import type { RunFile } from "./directory/run-file.ts";
import { localSecret } from "./run/services.ts";

/** What the demo needs to talk to a stack. */
export interface DemoAccess {
  /** The address of the webhook, with its path. */
  readonly ingressUrl: string;
  /** The readiness probe of ingress, if its address is known. */
  readonly readinessUrl: string | undefined;
  readonly revenueUrl: string;
  readonly secret: string;
  readonly token: string | undefined;
}

/** Addresses of the running components, with the secret and token of the stack's environment. */
export function demoAccess(components: RunFile, env: Env): DemoAccess {
  const admin = components["ingress"]?.admin_url;
  return {
    ingressUrl: webhookUrl(urlOf(components, "ingress")) ?? "",
    readinessUrl: admin === undefined ? undefined : `${admin}/readyz`,
    revenueUrl: urlOf(components, "revenue_query"),
    secret: firstOf(env, "STRIPE_WEBHOOK_SECRETS") ?? localSecret,
    token: firstOf(env, "API_TOKENS"),
  };
}

function urlOf(components: RunFile, name: string): string {
  const url = components[name]?.url;
  if (url === undefined)
    throw new LocalFailure(`${name} is missing in run.json: stop the stack and start it again.`);
  return url;
}

// The first of several secrets, from the variable or from the file named by its _FILE variant.
function firstOf(env: Env, name: string): string | undefined {
  const file = variable(env, `${name}_FILE`);
  const text = variable(env, name) ?? (file === undefined ? undefined : readFileSync(file, "utf8"));
  return text?.split(/[\s,]+/).find((word) => word !== "");
}
