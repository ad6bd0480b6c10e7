import { join } from "node:path";
import { projectRoot } from "@takings/local";
import { type ClientPod, startClientPod } from "./client-pod.ts";
import { type Cluster, openCluster } from "./cluster.ts";

/** The settings of a test run, from its environment. */
export type E2eSettings = {
  /** Name and tag of an image that the nodes have or can pull. */
  readonly image: string;
  readonly namespace: string;
};

/** The stack and the product, installed. */
export type Installation = {
  readonly cluster: Cluster;
  readonly client: ClientPod;
  /** The duration of `helm install` of the stack with its default values, until everything is ready. */
  readonly stackSeconds: number;
  /** The duration of the product's `helm install`, until everything is ready. */
  readonly installSeconds: number;
};

/** The product's chart in this checkout. */
export const productChart: string = join(projectRoot(), "charts/takings");
const stackChart = join(projectRoot(), "charts/takings-stack");

/** Scales within seconds instead of minutes. */
const consumerValues = {
  resources: { requests: { cpu: "50m", memory: "192Mi" }, limits: { memory: "512Mi" } },
  autoscaling: {
    enabled: true,
    provider: "keda",
    minReplicas: 1,
    maxReplicas: 3,
    lagThreshold: 200,
    behavior: {
      scaleUp: { stabilizationWindowSeconds: 0, policies: [{ type: "Pods", value: 4, periodSeconds: 5 }] },
      scaleDown: { stabilizationWindowSeconds: 15, policies: [{ type: "Pods", value: 4, periodSeconds: 5 }] },
    },
  },
};

/** The values that name the tested image, as text for `--values -`. */
export const imageValues = (settings: E2eSettings): string => JSON.stringify({ image: imageOf(settings) });

function imageOf({ image }: E2eSettings): object {
  const [repository, tag] = image.split(/:(?=[^/]*$)/);
  return { repository, tag };
}

/** The values of the product in these tests, as text for `--values -`. */
export function productValues(settings: E2eSettings, more: object = {}): string {
  const small = { resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "384Mi" } } };
  return JSON.stringify({
    image: imageOf(settings),
    api: { defaultLivemode: false, rateLimitPerMinute: 0 },
    otel: { sampleRatio: 0.2 },
    ingress: small,
    revenueQuery: small,
    consumer: consumerValues,
    networkPolicy: { enabled: true },
    ...more,
  });
}

let installation: Promise<Installation> | undefined;

/**
 * Installs both charts into an empty namespace that enforces the `restricted` Pod Security standard. Further calls return
 * the same installation.
 */
export function installed(settings: E2eSettings): Promise<Installation> {
  installation ??= install(settings);
  return installation;
}

async function install(settings: E2eSettings): Promise<Installation> {
  const cluster = openCluster(settings.namespace);
  await cluster.kubectl(["delete", "namespace", settings.namespace, "--ignore-not-found", "--timeout=120s"], {
    timeoutMs: 150_000,
  });
  await cluster.kubectl(["create", "namespace", settings.namespace]);
  const standard = "pod-security.kubernetes.io/enforce=restricted";
  await cluster.kubectl(["label", "namespace", settings.namespace, standard]);
  const stackBegan = Date.now();
  await cluster.helm(["install", "stack", stackChart, "--wait", "--timeout", "5m"], slow);
  const stackSeconds = (Date.now() - stackBegan) / 1_000;
  const began = Date.now();
  await installProduct(cluster, "install", productChart, productValues(settings));
  const installSeconds = (Date.now() - began) / 1_000;
  return { cluster, client: await startClientPod(cluster, settings.image), stackSeconds, installSeconds };
}

/** Installs or upgrades the product and waits until it is ready. `more` are further arguments of helm. */
export async function installProduct(
  cluster: Cluster,
  action: "install" | "upgrade",
  chart: string,
  values: string,
  more: readonly string[] = [],
): Promise<void> {
  const args = [action, "takings", chart, ...more, "--values", "-", "--wait", "--timeout", "6m"];
  await cluster.helm(args, { input: values, ...slow });
}

/** Runs `helm test` of the product and returns its output. @throws when the test fails. */
export async function testProduct(cluster: Cluster): Promise<string> {
  return cluster.helm(["test", "takings", "--timeout", "3m"], slow);
}

/** Uninstalls the product and waits until its objects are deleted. `more` are further arguments of helm. */
export async function uninstallProduct(cluster: Cluster, more: readonly string[] = []): Promise<void> {
  await cluster.helm(["uninstall", "takings", ...more, "--wait", "--timeout", "3m"], slow);
}

const slow = { timeoutMs: 400_000 };
