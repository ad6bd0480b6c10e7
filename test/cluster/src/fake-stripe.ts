import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "@takings/local";
import type { StripeEvent } from "@takings/simulator";
import type { Cluster } from "./cluster.ts";

/** The fake of Stripe's API, as a container beside the watch: an API key is sent to loopback only, or encrypted. */
export type FakeStripe = {
  /** Sends an event to the endpoints that were created. */
  send(event: StripeEvent): Promise<void>;
  /** Disables all endpoints, as Stripe does after days of failed deliveries. */
  disableAll(): Promise<void>;
  /** `enabled` or `disabled`, for each endpoint. */
  statuses(): Promise<readonly string[]>;
};

/** A key of test mode that the fake accepts. */
export const fakeStripeKey = "rk_test_secret0fake";
/** The URL of the endpoint, which leads to ingress. */
const endpointUrl = "https://hooks.example.com/webhooks/stripe";

const port = 12_111;
const name = "fake-stripe";
/** Where the image's packages are found. */
const folder = `/app/packages/cli/${name}`;
const simulator = join(projectRoot(), "test/simulator/src");
const files = globSync("{endpoints/*,json,sign,webhook-client}.ts", { cwd: simulator });
/** A key of a ConfigMap has no slash. */
const keyOf = (path: string): string => path.replaceAll("/", ".");

/** The ConfigMap with the program of the fake. */
export function fakeStripeProgram(): object {
  const data = Object.fromEntries(
    files.map((path) => [keyOf(path), readFileSync(join(simulator, path), "utf8")]),
  );
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data };
}

/** The values of `endpointWatch` with which the fake runs beside the watch. @param image of the product, which has node. */
export function watchBesideFake(image: string): object {
  const items = files.map((path) => ({ key: keyOf(path), path }));
  const route = `${new URL(endpointUrl).origin}=http://takings-ingress:8080`;
  return {
    enabled: true,
    url: endpointUrl,
    intervalSeconds: 10,
    env: { STRIPE_API_URL: `http://127.0.0.1:${port}` },
    extraVolumes: [{ name, configMap: { name, items } }],
    extraContainers: [
      {
        name,
        image,
        imagePullPolicy: "IfNotPresent",
        command: ["node", `${folder}/endpoints/fake-main.ts`, "--port", String(port), "--route", route],
        resources: { requests: { cpu: "10m", memory: "64Mi" }, limits: { memory: "256Mi" } },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
        volumeMounts: [{ name, mountPath: folder, readOnly: true }],
      },
    ],
  };
}

const request = `
const [path, body] = process.argv.slice(1);
const headers = { authorization: "Bearer ${fakeStripeKey}" };
fetch("http://127.0.0.1:${port}" + path, { method: body ? "POST" : "GET", headers, body }).then(async (response) => {
  if (!response.ok) throw new Error(response.status + " " + (await response.text()));
  process.stdout.write(await response.text());
});`;

const intoFake = ["exec", "deploy/takings-endpoint-watch", "--container", name, "--"];

/** Reaches the fake in the pod of the watch. */
export function openFakeStripe(cluster: Cluster): FakeStripe {
  const ask = (...args: readonly string[]): Promise<string> =>
    cluster.kubectl([...intoFake, "node", "--eval", request, ...args]);
  const endpoints = async (): Promise<readonly { readonly id: string; readonly status: string }[]> =>
    JSON.parse(await ask("/v1/webhook_endpoints")).data;
  return {
    async send({ body }) {
      await ask("/fake/events", body);
    },
    async disableAll() {
      for (const { id } of await endpoints()) await ask(`/v1/webhook_endpoints/${id}`, "disabled=true");
    },
    statuses: async () => (await endpoints()).map(({ status }) => status),
  };
}
