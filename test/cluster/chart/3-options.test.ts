import { expect } from "chai";
import { describe, it } from "mocha";
import { type Manifest, podOf, render, renderObject } from "../src/render.ts";

const scaled = (more: object): object => ({ consumer: { autoscaling: { enabled: true, ...more } } });

const names = async (values: object = {}): Promise<string[]> => [...(await render({ values })).keys()];

describe("the defaults", function () {
  this.timeout(60_000);

  it("render what an installation beside takings-stack needs, and nothing that needs an operator", async () => {
    expect((await names()).toSorted()).to.deep.equal([
      "CronJob/takings-purger",
      "Deployment/takings-consumer",
      "Deployment/takings-ingress",
      "Deployment/takings-revenue-query",
      "Job/takings-migrate",
      "Job/takings-stream",
      "Pod/takings-test",
      "PodDisruptionBudget/takings-ingress",
      "PodDisruptionBudget/takings-revenue-query",
      "Service/takings-consumer-admin",
      "Service/takings-ingress",
      "Service/takings-ingress-admin",
      "Service/takings-revenue-query",
      "Service/takings-revenue-query-admin",
      "ServiceAccount/takings-consumer",
      "ServiceAccount/takings-hooks",
      "ServiceAccount/takings-ingress",
      "ServiceAccount/takings-jobs",
      "ServiceAccount/takings-revenue-query",
    ]);
  });
});

describe("autoscaling", function () {
  this.timeout(60_000);

  it("by KEDA reads the lag of the durable from the fully qualified monitoring endpoint", async () => {
    const { spec } = await renderObject(
      "ScaledObject/takings-consumer",
      scaled({ maxReplicas: 4, lagThreshold: 100 }),
    );
    expect(spec).to.include({ minReplicaCount: 1, maxReplicaCount: 4 });
    expect(spec.fallback).to.deep.equal({
      failureThreshold: 3,
      replicas: 2,
      behavior: "currentReplicasIfHigher",
    });
    // The other provider's HPA has the name of the Deployment, and exists when KEDA first sees this object.
    expect(spec.advanced.horizontalPodAutoscalerConfig.name).to.equal("takings-consumer-keda");
    expect(spec.triggers).to.have.length(1);
    expect(spec.triggers[0]).to.deep.equal({
      type: "nats-jetstream",
      metadata: {
        natsServerMonitoringEndpoint: "takings-nats.default.svc.cluster.local:8222",
        account: "$G",
        stream: "STRIPE_EVENTS",
        consumer: "revenue",
        lagThreshold: "100",
        useHttps: "false",
      },
    });
  });

  it("by KEDA takes its periods, annotations and authentication from the values", async () => {
    const keda = {
      cooldownPeriod: 60,
      initialCooldownPeriod: 30,
      authenticationRef: { name: "nats-monitoring" },
      annotations: { "autoscaling.keda.sh/paused-replicas": "2" },
    };
    const object = await renderObject("ScaledObject/takings-consumer", {
      ...scaled({ keda }),
      nats: { monitoringScheme: "https" },
    });
    expect(object.metadata.annotations).to.deep.equal(keda.annotations);
    expect(object.spec).to.include({ cooldownPeriod: 60, initialCooldownPeriod: 30 });
    const [trigger] = object.spec.triggers;
    expect(trigger.authenticationRef).to.deep.equal({ name: "nats-monitoring" });
    expect(trigger.metadata.useHttps).to.equal("true");
  });

  it("by an HPA uses an External metric", async () => {
    const { metadata, spec } = await renderObject(
      "HorizontalPodAutoscaler/takings-consumer",
      scaled({ provider: "hpa", lagThreshold: 100 }),
    );
    const external = {
      metric: { name: "takings_consumer_pending" },
      target: { type: "AverageValue", averageValue: "100" },
    };
    expect(spec.metrics).to.deep.equal([{ type: "External", external }]);
    expect(spec.behavior.scaleDown.stabilizationWindowSeconds).to.equal(300);
    // keda, apis/keda/v1alpha1/scaledobject_webhook.go: otherwise no upgrade to the other provider is admitted.
    expect(metadata.annotations).to.deep.equal({ "validations.keda.sh/hpa-ownership": "false" });
    expect(await names(scaled({ provider: "hpa" }))).to.not.include("ScaledObject/takings-consumer");
  });

  it("of ingress and revenue-query uses CPU", async () => {
    const values = {
      ingress: { autoscaling: { enabled: true } },
      revenueQuery: { autoscaling: { enabled: true } },
    };
    for (const name of ["ingress", "revenue-query"]) {
      const { spec } = await renderObject(`HorizontalPodAutoscaler/takings-${name}`, values);
      expect(spec.metrics[0].resource.target).to.deep.equal({ type: "Utilization", averageUtilization: 70 });
    }
  });

  it("owns the number of replicas: a scaled Deployment sets none", async () => {
    expect((await renderObject("Deployment/takings-consumer", scaled({}))).spec).to.not.have.property(
      "replicas",
    );
    expect((await renderObject("Deployment/takings-consumer")).spec.replicas).to.equal(1);
  });
});

describe("disruption budgets", function () {
  this.timeout(60_000);

  it("exist for services with more than one pod", async () => {
    const one = { ingress: { replicas: 1 }, revenueQuery: { replicas: 1 } };
    expect((await names(one)).filter((name) => name.startsWith("PodDisruptionBudget"))).to.deep.equal([]);
    const { spec } = await renderObject("PodDisruptionBudget/takings-consumer", scaled({ minReplicas: 2 }));
    expect(spec).to.include({ maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow" });
  });

  it("have the limit of the values", async () => {
    const values = { ingress: { podDisruptionBudget: { minAvailable: "50%" } } };
    const { spec } = await renderObject("PodDisruptionBudget/takings-ingress", values);
    expect(spec).to.include({ minAvailable: "50%" }).and.not.have.property("maxUnavailable");
  });
});

describe("credentials", function () {
  this.timeout(60_000);

  it("of NATS are a password reference in the URL, a .creds file, or none", async () => {
    const pod = async (nats: object): Promise<string> =>
      JSON.stringify((await renderObject("Deployment/takings-ingress", { nats })).spec.template.spec);
    expect(await pod({})).to.include("nats://ingress:$(NATS_PASSWORD)@takings-nats:4222");
    const creds = await pod({ authentication: "creds" });
    expect(creds).to.include("/etc/takings/nats/user.creds").and.not.include("NATS_PASSWORD");
    const none = await pod({ existingSecret: "" });
    expect(none)
      .to.include('"nats://takings-nats:4222"')
      .and.not.match(/NATS_PASSWORD|NATS_CREDS_FILE/);
  });

  it("of PostgreSQL are one key per login, one key for all, or a Secret per login", async () => {
    const keyOf = async (postgres: object): Promise<unknown> => {
      const { env } = (await renderObject("Deployment/takings-consumer", { postgres })).spec.template.spec
        .containers[0];
      return env.find(({ name }: { name: string }) => name === "DATABASE_URL").valueFrom.secretKeyRef;
    };
    expect(await keyOf({})).to.deep.equal({ name: "takings-postgres", key: "consumer" });
    expect(await keyOf({ existingSecret: "db-app", urlKey: "uri" })).to.deep.equal({
      name: "db-app",
      key: "uri",
    });
    const logins = { consumer: { existingSecret: "db-consumer", urlKey: "url" } };
    expect(await keyOf({ urlKey: "uri", logins })).to.deep.equal({ name: "db-consumer", key: "url" });
  });

  it("of the servers' certificate authorities are a file in every pod that connects to them", async () => {
    const objects = await render({
      values: {
        nats: { caSecret: "nats-ca", caKey: "tls.crt" },
        postgres: { caSecret: "db-ca" },
        payloadPrune: { enabled: true },
        reconcile: { enabled: true },
        balanceSync: { enabled: true },
        toolbox: { enabled: true },
      },
    });
    let connections = 0;
    for (const [name, object] of objects) {
      const { containers, volumes = [] } = podOf(object) ?? { containers: [{}] };
      const env = new Map(containers[0].env?.map((one: Manifest) => [one.name, one.value]));
      for (const [url, file, folder, secretName, key] of [
        ["NATS_URL", "NATS_CA_FILE", "nats-ca", "nats-ca", "tls.crt"],
        ["DATABASE_URL", "DATABASE_CA_FILE", "postgres-ca", "db-ca", "ca.crt"],
      ] as const) {
        const connects = env.has(url);
        if (connects) connections += 1;
        expect(env.get(file), name).to.equal(connects ? `/etc/takings/${folder}/ca.crt` : undefined);
        const volume = volumes.find((one: Manifest) => one.name === folder);
        const items = [{ key, path: "ca.crt" }];
        if (connects) expect(volume.secret, name).to.deep.include({ secretName, items });
        const mount = { name: folder, mountPath: `/etc/takings/${folder}`, readOnly: true };
        if (connects) expect(containers[0].volumeMounts, name).to.deep.include(mount);
        else expect(volume, name).to.equal(undefined);
      }
    }
    // Ingress, stream: NATS. Revenue-query, migrate, payload-prune: PostgreSQL. Consumer, purger, reconcile, balance-sync,
    // toolbox: both.
    expect(connections).to.equal(2 + 3 + 2 * 5);
  });

  it("of the API are not mounted when anonymous access is allowed", async () => {
    const { env } = (
      await renderObject("Deployment/takings-revenue-query", { api: { allowAnonymous: true } })
    ).spec.template.spec.containers[0];
    expect(env).to.deep.include({ name: "ALLOW_ANONYMOUS", value: "true" });
    expect(JSON.stringify(env)).to.not.include("API_TOKENS_FILE");
  });
});

describe("the addresses that may send webhooks", function () {
  this.timeout(60_000);

  it("are a file from a ConfigMap, beside the proxies that name them", async () => {
    const allowedAddresses = { existingConfigMap: "stripe-addresses", key: "ips_webhooks.json" };
    const values = { ingress: { trustProxy: "10.0.0.0/8", allowedAddresses } };
    const { containers, volumes } = podOf(await renderObject("Deployment/takings-ingress", values)) ?? {};
    const file = "/etc/takings/allowed-addresses/addresses";
    expect(containers[0].env).to.deep.include({ name: "ALLOWED_ADDRESSES_FILE", value: file });
    expect(containers[0].env).to.deep.include({ name: "TRUST_PROXY", value: "10.0.0.0/8" });
    expect(volumes.find((one: Manifest) => one.name === "allowed-addresses").configMap).to.deep.include({
      name: "stripe-addresses",
      items: [{ key: "ips_webhooks.json", path: "addresses" }],
    });
  });

  it("are all unless set otherwise", async () => {
    const pod = podOf(await renderObject("Deployment/takings-ingress", {}));
    expect(JSON.stringify(pod)).not.to.match(/TRUST_PROXY|allowed-addresses/);
  });
});

describe("monitoring", function () {
  this.timeout(60_000);

  it("selects the admin port of every service", async () => {
    const values = { monitoring: { serviceMonitor: { enabled: true, labels: { release: "prometheus" } } } };
    const { metadata, spec } = await renderObject("ServiceMonitor/takings", values);
    expect(metadata.labels["release"]).to.equal("prometheus");
    expect(spec.endpoints[0]).to.include({ port: "admin", path: "/metrics" });
    const objects = await render({ values });
    for (const component of ["ingress", "consumer", "revenue-query"]) {
      const service = objects.get(`Service/takings-${component}-admin`);
      expect(service?.metadata.labels).to.include(spec.selector.matchLabels);
      expect(service?.spec.ports).to.deep.equal([{ name: "admin", port: 9090, targetPort: "admin" }]);
    }
  });
});
