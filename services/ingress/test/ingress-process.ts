import { testSecret } from "@takings/simulator";
import { startService, type TestNats, type TestService } from "@takings/testkit";

type Env = Readonly<Record<string, string | undefined>>;

/** The environment of an ingress process that uses this server. */
export function ingressEnv(nats: Pick<TestNats, "urls" | "monitorUrl">, different: Env = {}): Env {
  return {
    NATS_URL: nats.urls.ingress,
    NATS_MONITOR_URL: nats.monitorUrl,
    STRIPE_WEBHOOK_SECRETS: testSecret,
    ...different,
  };
}

/** Ingress as a separate process. */
export function startIngress(
  nats: Pick<TestNats, "urls" | "monitorUrl">,
  different: Env = {},
): Promise<TestService> {
  return startService("ingress", ingressEnv(nats, different));
}

/** The response of the readiness probe. */
export async function readiness(service: Pick<TestService, "adminUrl">): Promise<string> {
  const response = await fetch(`${service.adminUrl}/readyz`);
  return `${response.status} ${(await response.text()).trim()}`;
}

export async function isReady(service: Pick<TestService, "adminUrl">): Promise<boolean> {
  return (await readiness(service)) === "200 ok";
}
