import { readFileSync } from "node:fs";
import type { StripeEvent } from "@takings/simulator";
import type { Cluster } from "./cluster.ts";
import type { RunOptions } from "./run-program.ts";

/** The result of sending many events. */
type SendOutcome = {
  readonly events: number;
  /** Events that were answered with 2xx, after any number of attempts. */
  readonly accepted: number;
  readonly duplicates: number;
  /** Attempts that were not answered with 2xx, by status or network error. */
  readonly failures: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  readonly seconds: number;
};

type SendOptions = {
  readonly concurrency: number;
  /** Sends at this rate until `until` settles, then the rest four times as fast. Default: as fast as possible. */
  readonly pace?: { readonly perSecond: number; readonly until: Promise<unknown> };
};

/** A pod in the product's namespace that sends the tests' requests: nothing enters the cluster from outside. */
export type ClientPod = {
  send(events: readonly StripeEvent[], options: SendOptions): Promise<SendOutcome>;
  /** The body of a GET response. Authenticates with the installation's token. @throws on any other status than 2xx. */
  get(url: string): Promise<string>;
};

const name = "e2e-client";
/** After this time without a 2xx an event counts as not accepted. */
const retryTimeoutMs = 180_000;
const script = readFileSync(new URL("send.mjs", import.meta.url), "utf8");
const getScript = `
const token = require("node:fs").readFileSync("/etc/takings/api/API_TOKENS", "utf8");
fetch(process.argv[1], { headers: { authorization: "Bearer " + token } }).then(async (response) => {
  if (!response.ok) throw new Error(response.status + " " + (await response.text()));
  process.stdout.write(await response.text());
});`;

/** Starts the pod. Its image is the product's, because that has Node. */
export async function startClientPod(cluster: Cluster, image: string): Promise<ClientPod> {
  await cluster.apply(podManifest(image));
  await cluster.kubectl(["wait", "--for=condition=Ready", `pod/${name}`, "--timeout=120s"]);
  const exec = (args: readonly string[], input?: Pick<RunOptions, "input" | "inputUntil">): Promise<string> =>
    cluster.kubectl(["exec", "--stdin", name, "--", "env", ...args], { ...input, timeoutMs: 600_000 });
  return {
    async send(events, { concurrency, pace }) {
      const settings = [
        "INGRESS_URL=http://takings-ingress:8080",
        "WEBHOOK_SECRETS_FILE=/etc/takings/stripe/STRIPE_WEBHOOK_SECRETS",
        `CONCURRENCY=${concurrency}`,
        `RETRY_TIMEOUT_MS=${retryTimeoutMs}`,
        ...(pace === undefined ? [] : [`PER_SECOND=${pace.perSecond}`]),
      ];
      const lines = events.map((event) => JSON.stringify(event));
      // The empty line ends the events; the end of the input raises the pace.
      const input = [...lines, "", ""].join("\n");
      const command = ["node", "--input-type=module", "--eval", script];
      return JSON.parse(await exec([...settings, ...command], { input, inputUntil: pace?.until }));
    },
    get: (url) => exec(["node", "--eval", getScript, url]),
  };
}

function podManifest(image: string): object {
  const secret = (secretName: string): object => ({ name: secretName, secret: { secretName } });
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          name: "client",
          image,
          imagePullPolicy: "IfNotPresent",
          command: ["node", "--eval", "setInterval(() => {}, 1e9)"],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          volumeMounts: [
            { name: "takings-stripe", mountPath: "/etc/takings/stripe" },
            { name: "takings-api", mountPath: "/etc/takings/api" },
          ],
        },
      ],
      volumes: [secret("takings-stripe"), secret("takings-api")],
    },
  };
}
