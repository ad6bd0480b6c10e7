import { expect } from "chai";
import { describe, it } from "mocha";
import { type Manifest, podOf, type Rendered, render, renderObject } from "../src/render.ts";

const services = {
  ingress: "ingress",
  consumer: "consumer",
  revenueQuery: "revenue-query",
  toolbox: "toolbox",
};

describe("values of pods", function () {
  this.timeout(60_000);

  it("add volumes, mounts, containers and init containers to those of the chart", async () => {
    const volume = { name: "extra", emptyDir: {} };
    const mount = { name: "extra", mountPath: "/extra" };
    const more = {
      extraVolumes: [volume],
      extraVolumeMounts: [mount],
      extraContainers: [{ name: "sidecar", image: "sidecar:1.0.0" }],
      initContainers: [{ name: "first", image: "first:1.0.0" }],
    };
    const values = { nats: { authentication: "creds" }, toolbox: { enabled: true } };
    const plain = await render({ values });
    const parts = Object.keys(services).map((name) => [
      name,
      { ...more, ...(name === "toolbox" && values.toolbox) },
    ]);
    const objects = await render({ values: { ...values, ...Object.fromEntries(parts) } });
    for (const service of Object.values(services)) {
      const before = podOf(plain.get(`Deployment/takings-${service}`) as Rendered);
      const after = podOf(objects.get(`Deployment/takings-${service}`) as Rendered);
      expect(before.volumes, service).to.have.length.at.least(1);
      expect(after.volumes, service).to.deep.equal([...before.volumes, volume]);
      expect(after.containers[0].volumeMounts, service).to.deep.equal([
        ...before.containers[0].volumeMounts,
        mount,
      ]);
      expect(
        after.containers.map(({ name }: Manifest) => name),
        service,
      ).to.deep.equal([service, "sidecar"]);
      expect(after.initContainers, service).to.deep.equal(more.initContainers);
    }
  });

  it("choose the image of all pods by registry, tag or digest, and the Secrets to pull it", async () => {
    const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
    for (const [image, reference] of [
      [{ tag: "1.2.3" }, "takings:1.2.3"],
      [
        { registry: "registry.example", repository: "a/takings", digest },
        `registry.example/a/takings@${digest}`,
      ],
      [{ tag: "1.2.3", digest }, `takings@${digest}`],
    ] as const) {
      const values = { image, imagePullSecrets: ["pull"], toolbox: { enabled: true } };
      for (const [name, object] of await render({ values })) {
        const pod = podOf(object);
        if (pod === undefined) continue;
        expect(pod.containers[0].image, name).to.equal(reference);
        expect(pod.imagePullSecrets, name).to.deep.equal([{ name: "pull" }]);
      }
    }
  });

  it("can remove the users and groups, which OpenShift assigns itself", async () => {
    const podSecurityContext = { runAsUser: null, runAsGroup: null, fsGroup: null };
    const values = { podSecurityContext, toolbox: { enabled: true }, payloadPrune: { enabled: true } };
    let pods = 0;
    for (const [name, object] of await render({ values })) {
      const pod = podOf(object);
      if (pod === undefined) continue;
      pods += 1;
      expect(pod.securityContext, name).to.deep.equal({
        runAsNonRoot: true,
        fsGroupChangePolicy: "OnRootMismatch",
        seccompProfile: { type: "RuntimeDefault" },
      });
    }
    // Three services, toolbox, migrate, stream, purger, payload-prune and test.
    expect(pods).to.equal(9);
  });

  it("set annotations and the strategy of a Deployment", async () => {
    const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge: "50%", maxUnavailable: 1 } };
    const ingress = { annotations: { "reloader.example/auto": "true" }, strategy };
    const { metadata, spec } = await renderObject("Deployment/takings-ingress", { ingress });
    expect(metadata.annotations).to.deep.equal(ingress.annotations);
    expect(spec.template.metadata).to.not.have.property("annotations");
    expect(spec.strategy).to.deep.equal(strategy);
    const plain = await renderObject("Deployment/takings-ingress");
    expect(plain.spec.strategy).to.deep.equal({ rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });
  });

  it("write numbers and truth values of the environment as they are", async () => {
    const env = { ROWS: 1_000_000, RATIO: 0.25, STRICT: false, TEXT: "1e3" };
    const { spec } = await renderObject("Deployment/takings-consumer", { consumer: { env } });
    expect(spec.template.spec.containers[0].env).to.deep.include.members([
      { name: "ROWS", value: "1000000" },
      { name: "RATIO", value: "0.25" },
      { name: "STRICT", value: "false" },
      { name: "TEXT", value: "1e3" },
    ]);
  });
});

describe("the toolbox", function () {
  this.timeout(60_000);

  it("is one pod that waits, with the logins of the owner and of admin", async () => {
    const { spec } = await renderObject("Deployment/takings-toolbox", { toolbox: { enabled: true } });
    expect(spec.replicas).to.equal(1);
    const { containers, serviceAccountName, volumes } = spec.template.spec;
    expect(serviceAccountName).to.equal("takings-toolbox");
    expect(volumes).to.equal(undefined);
    const [container] = containers;
    expect(container.command[0]).to.equal("node");
    expect(container).to.not.have.any.keys("args", "ports", "readinessProbe");
    const secretOf = (variable: string): unknown =>
      container.env.find(({ name }: Manifest) => name === variable).valueFrom.secretKeyRef;
    expect(secretOf("DATABASE_URL")).to.deep.equal({ name: "takings-postgres", key: "migrator" });
    expect(secretOf("NATS_PASSWORD")).to.deep.equal({ name: "takings-nats", key: "admin" });
    expect(JSON.stringify(container.env)).to.not.include("STRIPE");
  });

  it("knows where takings doctor finds the servers of NATS, and what ingress requires of them", async () => {
    const values = {
      toolbox: { enabled: true },
      nats: { monitoringEndpoint: "nats:8333" },
      ingress: { requireStreamReplicas: 3 },
      stream: { replicas: 3 },
    };
    const { spec } = await renderObject("Deployment/takings-toolbox", values);
    expect(spec.template.spec.containers[0].env).to.deep.include.members([
      { name: "NATS_MONITOR_URL", value: "http://nats:8333" },
      { name: "REQUIRE_STREAM_REPLICAS", value: "3" },
    ]);
  });

  for (const job of ["reconcile", "balanceSync"] as const)
    it(`has Stripe's API key when ${job} has it`, async () => {
      const reconcile = { existingSecret: "stripe-api", key: "RESTRICTED", enabled: job === "reconcile" };
      const { spec } = await renderObject("Deployment/takings-toolbox", {
        toolbox: { enabled: true },
        reconcile,
        balanceSync: { enabled: job === "balanceSync" },
        stripe: { accountId: "acct_1" },
      });
      const { containers, volumes } = spec.template.spec;
      expect(containers[0].env).to.deep.include.members([
        { name: "STRIPE_API_KEY_FILE", value: "/etc/takings/stripe/key" },
        { name: "STRIPE_ACCOUNT_ID", value: "acct_1" },
      ]);
      expect(volumes[0].secret).to.deep.include({
        secretName: "stripe-api",
        items: [{ key: "RESTRICTED", path: "key" }],
      });
    });

  it("reads the balances that the scheduled job reads", async () => {
    const values = {
      toolbox: { enabled: true },
      balanceSync: { enabled: true, accounts: ["acct_2"], overlap: "7d" },
    };
    const { spec } = await renderObject("Deployment/takings-toolbox", values);
    expect(spec.template.spec.containers[0].env).to.deep.include.members([
      { name: "STRIPE_CONNECTED_ACCOUNTS", value: "acct_2" },
      { name: "BALANCE_OVERLAP", value: "7d" },
    ]);
  });
});
