import { createHmac } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { conform } from "../src/kubeconform.ts";
import { type Manifest, podOf, type Rendered, rejection, render, renderText } from "../src/render.ts";
import { runHelmTest } from "../src/run-helm-test.ts";
import { mustRun } from "../src/run-program.ts";

const host = { ingress: { http: { enabled: true, host: "hooks.example.com" } } };
const enabled = { ...host, endpointWatch: { enabled: true } };

async function rendered(values: object = enabled): Promise<(name: string) => Rendered> {
  const objects = await render({ values });
  return (name) => {
    const object = objects.get(name);
    if (object === undefined) throw new Error(`${name} is not among ${[...objects.keys()].join(", ")}`);
    return object;
  };
}
const envOf = (object: Rendered): Readonly<Record<string, Manifest>> =>
  Object.fromEntries(
    podOf(object).containers[0].env.map(({ name, value, valueFrom }: Manifest) => [name, value ?? valueFrom]),
  );

const ofWatch = {
  secretName: "takings-endpoint",
  items: [{ key: "STRIPE_WEBHOOK_SECRETS", path: "secrets" }],
};
const secretOf = (object: Rendered): Manifest =>
  podOf(object).volumes.find(({ name }: Manifest) => name === "stripe").secret;

describe("the watch of the endpoint", function () {
  this.timeout(60_000);

  it("is off by default, and then nothing of it exists", async () => {
    const objects = await render();
    expect([...objects.keys()].filter((name) => /endpoint|Role/.test(name))).to.deep.equal([]);
  });

  it("is valid by the API server's schemas", async () => {
    const manifest = await renderText({ values: { ...enabled, networkPolicy: { enabled: true } } });
    expect(await mustRun("kubeconform", conform, { input: manifest })).to.match(
      /Invalid: 0, Errors: 0, Skipped: 0/,
    );
  });

  it("is one pod that is never two, with a key of its own and the URL of the public host", async () => {
    const { spec } = (await rendered())("Deployment/takings-endpoint-watch");
    expect(spec.replicas).to.equal(1);
    expect(spec.strategy).to.deep.equal({ type: "Recreate" });
    expect(spec.template.spec.containers[0].args).to.deep.equal(["endpoint", "watch"]);
    const env = envOf((await rendered())("Deployment/takings-endpoint-watch"));
    expect(env).to.deep.include({
      STRIPE_ENDPOINT_URL: "https://hooks.example.com/webhooks/stripe",
      STRIPE_API_KEY_FILE: "/etc/takings/stripe-endpoint/key",
      ENDPOINT_WATCH_INTERVAL: "60s",
      STRIPE_ENDPOINT_KUBERNETES_SECRET: "takings-endpoint",
    });
    const mounted = JSON.stringify(spec.template.spec.volumes);
    expect(mounted).to.include('"secretName":"takings-stripe-endpoint"').and.not.include('"takings-stripe"');
  });

  for (const [from, values, url] of [
    [
      "an HTTPRoute",
      { ingress: { httpRoute: { enabled: true, parentRefs: [{ name: "a" }], hostnames: ["b.example"] } } },
      "https://b.example/webhooks/stripe",
    ],
    [
      "further hosts",
      { ingress: { http: { enabled: true, hosts: [{ host: "c.example" }] } } },
      "https://c.example/webhooks/stripe",
    ],
  ] as const)
    it(`takes the host of ${from}`, async () => {
      const find = await rendered({ ...values, endpointWatch: { enabled: true } });
      expect(envOf(find("Deployment/takings-endpoint-watch"))["STRIPE_ENDPOINT_URL"]).to.equal(url);
    });

  it("may read and patch one Secret, create events, and nothing else", async () => {
    const find = await rendered();
    const { rules } = find("Role/takings-endpoint-watch") as unknown as { rules: Manifest };
    expect(rules).to.deep.equal([
      {
        apiGroups: [""],
        resources: ["secrets"],
        resourceNames: ["takings-endpoint"],
        verbs: ["get", "patch"],
      },
      { apiGroups: [""], resources: ["events"], verbs: ["create"] },
    ]);
    const { subjects, roleRef } = find("RoleBinding/takings-endpoint-watch") as unknown as Manifest;
    expect(roleRef.name).to.equal("takings-endpoint-watch");
    expect(subjects[0].name).to.equal(podOf(find("Deployment/takings-endpoint-watch")).serviceAccountName);
  });

  it("alone has the token of its service account, and no other container of its pod has it", async () => {
    const sidecar = { name: "sidecar", image: "sidecar:1.0.0" };
    const values = { ...host, endpointWatch: { enabled: true, extraContainers: [sidecar] } };
    const tokens: string[] = [];
    for (const [name, object] of await render({ values }))
      for (const container of podOf(object)?.containers ?? [])
        for (const { mountPath } of container.volumeMounts ?? [])
          if (mountPath.includes("serviceaccount")) tokens.push(`${name} ${container.name}`);
    expect(tokens).to.deep.equal(["Deployment/takings-endpoint-watch endpoint-watch"]);
  });

  it("writes into a Secret without data, which upgrades leave alone and which outlives the release", async () => {
    const find = await rendered({ ...enabled, commonAnnotations: { "example.com/a": "b" } });
    const secret = find("Secret/takings-endpoint");
    expect(secret).to.not.have.any.keys("data", "stringData");
    expect(secret.metadata.annotations).to.deep.equal({
      "example.com/a": "b",
      "helm.sh/resource-policy": "keep",
      "argocd.argoproj.io/sync-options": "Prune=false,Delete=false",
    });
  });

  it("gives its secret to ingress, which starts with the secrets that were there before", async () => {
    const ingress = (await rendered())("Deployment/takings-ingress");
    // Optional: an endpoint made by hand blocks the watch, which then never writes the key.
    expect(secretOf(ingress)).to.deep.include({ ...ofWatch, optional: true });
    expect(envOf(ingress)).to.deep.include({
      STRIPE_WEBHOOK_SECRETS_FILE: "/etc/takings/stripe/secrets",
      STRIPE_WEBHOOK_SECRETS: {
        secretKeyRef: { name: "takings-stripe", key: "STRIPE_WEBHOOK_SECRETS", optional: true },
      },
    });
  });

  it("lets helm test sign with a secret that was there before, until the watch has one", async () => {
    const pod = (await rendered())("Pod/takings-test");
    expect(envOf(pod)["STRIPE_WEBHOOK_SECRETS"]).to.have.nested.property("secretKeyRef.optional", true);
    const file = join(mkdtempSync(join(tmpdir(), "takings-secrets-")), "secrets");
    const signedBy = async (): Promise<readonly string[]> => {
      const secrets = { STRIPE_WEBHOOK_SECRETS: "whsec_before,whsec_2", WEBHOOK_SECRETS_FILE: file };
      const [{ body, signature } = { body: "", signature: "" }] = await runHelmTest(pod, secrets);
      const [, at, v1] = /^t=(\d+),v1=(\w+)$/.exec(signature) ?? [];
      const hmac = (secret: string): string =>
        createHmac("sha256", secret).update(`${at}.${body}`).digest("hex");
      return ["whsec_before", "whsec_watch"].filter((secret) => hmac(secret) === v1);
    };
    expect(await signedBy()).to.deep.equal(["whsec_before"]);
    writeFileSync(file, "whsec_watch\n");
    expect(await signedBy()).to.deep.equal(["whsec_watch"]);
  });

  it("lets ingress wait for its first secret where there are no other secrets", async () => {
    const none = await rendered({ ...enabled, stripe: { existingSecret: "" } });
    expect(envOf(none("Deployment/takings-ingress"))).to.not.have.property("STRIPE_WEBHOOK_SECRETS");
    const secret = secretOf(none("Deployment/takings-ingress"));
    // Not optional: without the key the kubelet starts no container.
    expect(secret).to.deep.include(ofWatch).and.not.have.property("optional");
    expect(JSON.stringify(none("Pod/takings-test"))).to.include('"secretName":"takings-endpoint"');
  });

  it("of another source writes into the file of the sources, as the other commands in its pod do", async () => {
    const stripe = { sources: { existingSecret: "sources" } };
    const endpointWatch = { enabled: true, source: "shop-eu", connect: true, adopt: true };
    const find = await rendered({ ...host, stripe, endpointWatch });
    const [container] = podOf(find("Deployment/takings-endpoint-watch")).containers;
    // Which endpoint it is stands in variables: takings endpoint rotate, run in the pod, has no arguments of the watch.
    expect(container.args).to.deep.equal(["endpoint", "watch", "--adopt"]);
    expect(envOf(find("Deployment/takings-endpoint-watch"))).to.include({
      STRIPE_ENDPOINT_URL: "https://hooks.example.com/webhooks/stripe/shop-eu",
      STRIPE_ENDPOINT_KUBERNETES_SECRET: "sources",
      STRIPE_ENDPOINT_SOURCES_KEY: "sources.json",
      STRIPE_ENDPOINT_SOURCE: "shop-eu",
      STRIPE_ENDPOINT_CONNECT: "true",
    });
    const { rules } = find("Role/takings-endpoint-watch") as unknown as { rules: Manifest };
    expect(rules[0].resourceNames).to.deep.equal(["sources"]);
    expect(() => find("Secret/takings-endpoint")).to.throw();
    expect(JSON.stringify(find("Deployment/takings-ingress"))).to.include('"secretName":"takings-stripe"');
  });

  it("reaches Stripe and the API server only, and its metrics are scraped", async () => {
    const kubernetesTo = [{ ipBlock: { cidr: "10.0.0.1/32" } }];
    const find = await rendered({ ...enabled, networkPolicy: { enabled: true, kubernetesTo } });
    const { spec } = find("NetworkPolicy/takings-endpoint-watch");
    expect(spec.egress.slice(1)).to.deep.equal([
      { ports: [{ port: 443, protocol: "TCP" }] },
      {
        ports: [
          { port: 443, protocol: "TCP" },
          { port: 6443, protocol: "TCP" },
        ],
        to: kubernetesTo,
      },
    ]);
    expect(spec.ingress).to.deep.equal([{ ports: [{ port: "admin", protocol: "TCP" }] }]);
    expect(find("Service/takings-endpoint-watch-admin").spec.clusterIP).to.equal("None");
  });

  it("needs a URL, and for another source the file of the sources", async () => {
    expect(await rejection({ endpointWatch: { enabled: true } })).to.include(
      "endpointWatch.url is empty, and ingress has no public host",
    );
    expect(await rejection({ ...host, endpointWatch: { enabled: true, source: "shop-eu" } })).to.include(
      "stripe.sources.existingSecret is empty",
    );
    expect(await rejection({ endpointWatch: { enabled: true, url: "http://a.example" } })).to.match(/url/);
  });
});
