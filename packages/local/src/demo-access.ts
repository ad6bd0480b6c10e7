import { readFileSync } from "node:fs";
import { type Env, variable } from "./env.ts";
import { LocalFailure } from "./failure.ts";
import { webhookUrl } from "./network/http-address.ts";
import type { RunFile } from "./directory/run-file.ts";
import { localSecret } from "./run/services.ts";

/** What the demo needs to talk to a stack. */
export interface DemoAccess {
  /** Where webhooks are received, with its path. */
  readonly ingressUrl: string;
  /** Where ingress says whether it is ready, where that can be asked. */
  readonly readinessUrl: string | undefined;
  readonly revenueUrl: string;
  readonly secret: string;
  readonly token: string | undefined;
}

/** Addresses from the running components, secret and token from the environment that the stack was started with. */
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

// The first of several secrets, from the variable or from the file that its _FILE twin names.
function firstOf(env: Env, name: string): string | undefined {
  const file = variable(env, `${name}_FILE`);
  const text = variable(env, name) ?? (file === undefined ? undefined : readFileSync(file, "utf8"));
  return text?.split(/[\s,]+/).find((word) => word !== "");
}
