import { readFileSync } from "node:fs";
import type { StripeEvent } from "@takings/simulator";
import type { Cluster } from "./cluster.ts";

/** What a delivery of many events came to. */
type SendOutcome = {
  readonly events: number;
  /** Events that got a 2xx in the end. */
  readonly accepted: number;
  readonly duplicates: number;
  /** Attempts that did not get a 2xx, by status or network error. */
  readonly failures: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  readonly seconds: number;
};

type SendOptions = {
  readonly concurrency: number;
  /** Paced at this rate, where given. */
  readonly perSecond?: number;
};

/** A pod beside the product from which the tests send and ask: nothing reaches the cluster from outside. */
export type ClientPod = {
  send(events: readonly StripeEvent[], options: SendOptions): Promise<SendOutcome>;
  /** The answer to a URL, asked with the installation's token. */
  ask(url: string): Promise<string>;
};

const name = "e2e-client";
const readyTimeoutMs = 180_000;
const script = readFileSync(new URL("send.mjs", import.meta.url), "utf8");
const queryScript = `
const token = require("node:fs").readFileSync("/etc/takings/api/API_TOKENS", "utf8");
fetch(process.argv[1], { headers: { authorization: "Bearer " + token } }).then(async (answer) => {
  if (!answer.ok) throw new Error(answer.status + " " + (await answer.text()));
  process.stdout.write(await answer.text());
});`;

/** Starts the pod; the image is the product's own, which has Node. */
export async function startClientPod(cluster: Cluster, image: string): Promise<ClientPod> {
  await cluster.apply(podManifest(image));
  await cluster.kubectl(["wait", "--for=condition=Ready", `pod/${name}`, "--timeout=120s"]);
  const node = (args: readonly string[], input?: string): Promise<string> =>
    cluster.kubectl(["exec", "--stdin", name, "--", "env", ...args], { input, timeoutMs: 600_000 });
  return {
    async send(events, { concurrency, perSecond }) {
      const settings = [
        "INGRESS_URL=http://takings-ingress:8080",
        "WEBHOOK_SECRETS_FILE=/etc/takings/stripe/STRIPE_WEBHOOK_SECRETS",
        `CONCURRENCY=${concurrency}`,
        `PATIENCE_MS=${readyTimeoutMs}`,
        ...(perSecond === undefined ? [] : [`PER_SECOND=${perSecond}`]),
      ];
      const input = events.map((event) => `${JSON.stringify(event)}\n`).join("");
      return JSON.parse(await node([...settings, "node", "--input-type=module", "--eval", script], input));
    },
    ask: (url) => node(["node", "--eval", queryScript, url]),
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
